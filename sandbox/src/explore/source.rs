//! The Rust source of faults and rules, for tests that replay what was found.

use std::time::Duration;

use crate::faults::{DateHeader, Fault, FaultBody, FaultRule, PageQuirks};

/// The longest line.
const WIDTH: usize = 80;

/// Returns the expression that builds a rule, the argument of a method call that is indented by this.
pub(super) fn rule_source(rule: &FaultRule, indent: &str) -> String {
    let (on, fault) = (&rule.on, fault_source(&rule.fault));
    let mut source = format!("FaultRule::new({on:?}, {fault})");
    // With the method call and what may follow.
    if indent.len() + source.len() + ".fault(.skip(1000));".len() > WIDTH {
        source = format!("FaultRule::new(\n{indent}    {on:?},\n{indent}    {fault},\n{indent})");
    }
    if rule.skip > 0 {
        source.push_str(&format!(".skip({})", rule.skip));
    }
    match rule.times {
        Some(1) => {}
        Some(times) => source.push_str(&format!(".times({times})")),
        None => source.push_str(".always()"),
    }
    source
}

/// Returns the expression that builds a fault.
fn fault_source(fault: &Fault) -> String {
    let processed = |is_processed: bool| if is_processed { ".processed()" } else { "" };
    match fault {
        Fault::Status(status) => {
            let body = match status.body {
                FaultBody::Json => "",
                FaultBody::Html => ".html()",
                FaultBody::Empty => ".empty()",
                FaultBody::Cut => ".cut()",
            };
            let retry_after = status.retry_after.as_ref().map(|text| format!(".retry_after({text:?})"));
            let retry_after = retry_after.unwrap_or_default();
            format!("Fault::status({}){body}{retry_after}{}", status.code, processed(status.processed))
        }
        Fault::ErrorCode(code) => format!("Fault::error_code({code:?})"),
        Fault::Intermediary(intermediary) => {
            let page = intermediary.page;
            format!("Fault::intermediary(IntermediaryPage::{page:?}){}", processed(intermediary.processed))
        }
        Fault::Delay(duration) => format!("Fault::Delay({})", duration_source(*duration)),
        Fault::SlowBody(duration) => format!("Fault::SlowBody({})", duration_source(*duration)),
        Fault::StaleReads(duration) => format!("Fault::StaleReads({})", duration_source(*duration)),
        Fault::DateHeader(DateHeader::Text(text)) => format!("Fault::DateHeader(DateHeader::Text({text:?}.into()))"),
        Fault::DateHeader(date) => format!("Fault::DateHeader(DateHeader::{date:?})"),
        Fault::PageQuirks(quirks) => format!("Fault::PageQuirks({})", quirks_source(quirks)),
        other => format!("Fault::{other:?}"),
    }
}

fn duration_source(duration: Duration) -> String {
    match duration.subsec_nanos() {
        0 => format!("Duration::from_secs({})", duration.as_secs()),
        nanos => format!("Duration::new({}, {nanos})", duration.as_secs()),
    }
}

fn quirks_source(quirks: &PageQuirks) -> String {
    let cap = if quirks.hides_cap { "hidden_cap" } else { "cap" };
    let settings = [
        quirks.cap.map(|items| format!(".{cap}({items})")),
        quirks.page_echo.map(|echo| format!(".page_echo(PageEcho::{echo:?})")),
        quirks.past_end.map(|status| format!(".past_end({status})")),
        quirks.total_count.map(|total| format!(".total_count(TotalCount::{total:?})")),
        quirks.first_page_only.then(|| ".first_page_only()".to_owned()),
    ];
    format!("PageQuirks::new(){}", settings.into_iter().flatten().collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::{IntermediaryPage, PageEcho, TotalCount};

    /// The source of an expression, and the source of its value.
    macro_rules! both {
        ($($fault:expr),* $(,)?) => {
            [$((stringify!($fault), fault_source(&$fault))),*]
        };
    }

    #[test]
    fn the_source_of_a_fault_is_the_expression_that_built_it() {
        let both = both![
            Fault::ResetAfterProcessing,
            Fault::status(503),
            Fault::status(502).html().processed(),
            Fault::status(429).retry_after("2"),
            Fault::status(500).cut().retry_after("a \"date\""),
            Fault::status(204).empty(),
            Fault::error_code("02036"),
            Fault::intermediary(IntermediaryPage::Login200).processed(),
            Fault::Delay(Duration::from_secs(90)),
            Fault::SlowBody(Duration::new(1, 500)),
            Fault::StaleReads(Duration::from_secs(5)),
            Fault::DateHeader(DateHeader::Offset(-7200)),
            Fault::DateHeader(DateHeader::Absent),
            Fault::DateHeader(DateHeader::Text("yesterday".into())),
            Fault::PageQuirks(PageQuirks::new().hidden_cap(25).page_echo(PageEcho::FromZero)),
            Fault::PageQuirks(
                PageQuirks::new().cap(2).past_end(404).total_count(TotalCount::OffBy(-3)).first_page_only()
            ),
        ];
        for (expected, source) in both {
            let squeezed = |text: &str| text.split_whitespace().collect::<String>();
            assert_eq!(squeezed(&source), squeezed(expected));
        }
        let rule = FaultRule::new("GetVolume", Fault::CutBody).skip(3).times(2);
        assert_eq!(rule_source(&rule, ""), "FaultRule::new(\"GetVolume\", Fault::CutBody).skip(3).times(2)");
        let rule = FaultRule::new("*", Fault::CutBody).always();
        assert_eq!(rule_source(&rule, ""), "FaultRule::new(\"*\", Fault::CutBody).always()");
        let rule = FaultRule::new("ListInstancesPaginated", Fault::intermediary(IntermediaryPage::Login200)).skip(1);
        let lines = [
            "FaultRule::new(",
            "    \"ListInstancesPaginated\",",
            "    Fault::intermediary(IntermediaryPage::Login200),",
            ").skip(1)",
        ];
        assert_eq!(rule_source(&rule, ""), lines.join("\n"));
    }
}
