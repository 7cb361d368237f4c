//! Echoes of secrets in many forms, and messages that are none.

mod corpus;
mod echo;

use super::{REDACTED, Redactor, WITHHELD};

const TOKEN: &str = "s3cr3t/t0ken+of-a_test";
const PASSWORD: &str = "Pässw0rd <&> of/a-test";
const SCRIPT: &str =
    "#!/bin/sh\nset -e\nexport KEY=\"script/of-a-test's\"\nlogin --with 'Passw0rd' && run \\\n  --now\n";
/// A line of it.
const LINE: &str = "export KEY=\"script/of-a-test's\"\n";

fn redactor() -> Redactor {
    let (no_open_values, script) = (["a-name"], corpus::script());
    Redactor::new([TOKEN]).withholding([PASSWORD, SCRIPT, &script], &no_open_values)
}

/// Secrets, each with what an error may show in its place.
const SECRETS: [(&str, &str); 4] = [(TOKEN, REDACTED), (PASSWORD, WITHHELD), (SCRIPT, WITHHELD), (LINE, WITHHELD)];

#[test]
fn no_form_of_a_secret_is_shown() {
    let redactor = redactor();
    for (name, form) in echo::FORMS {
        for (secret, replacement) in SECRETS {
            for (before, after) in [("", ""), ("you sent ", " to us"), ("{\"value\": \"", "\"}"), ("a\\b=", "&c=%d")] {
                let echoed = redactor.text(&format!("{before}{}{after}", form(secret)));
                let is_hidden = match replacement {
                    // In a form with lines, and within quotes that a form adds, something remains around it.
                    REDACTED => {
                        echoed.starts_with(before) && echoed.ends_with(after) && remains(&echoed, before, after)
                    }
                    _ => echoed == WITHHELD,
                };
                assert!(is_hidden, "{name} of {secret:?}: {echoed}");
            }
        }
    }
}

/// Whether nothing but what a form adds around a token remains of it.
fn remains(echoed: &str, before: &str, after: &str) -> bool {
    let between = &echoed[before.len()..echoed.len() - after.len()];
    let added = between.replace(REDACTED, "");
    between.contains(REDACTED)
        && ["", "    \n", "> \n", "''", "startup_script: \"\"\n", "\"\"", "b\"\"", "=", "=="].contains(&added.as_str())
}

#[test]
fn no_generated_composition_of_encodings_shows_a_secret() {
    let redactor = redactor();
    let mut random = fastrand::Rng::with_seed(7);
    for round in 0..200 {
        for (secret, replacement) in SECRETS {
            let echo = echo::generated(&mut random, &format!("you sent {secret} to us"));
            let echoed = redactor.text(&echo);
            let is_hidden = match replacement {
                REDACTED => echoed.contains(REDACTED) && echoed.len() < echo.len() + REDACTED.len(),
                _ => echoed == WITHHELD,
            };
            assert!(is_hidden, "{round}: {echo} of {secret:?}: {echoed}");
        }
    }
}

#[test]
fn messages_that_share_words_with_a_long_script_are_shown() {
    let redactor = Redactor::new([TOKEN]).withholding([PASSWORD, &corpus::script()], &corpus::open_values());
    let messages = corpus::messages();
    let withheld: Vec<_> = messages.iter().filter(|message| redactor.text(message) != **message).collect();
    assert_eq!((messages.len(), withheld), (1000, vec![]));
}

#[test]
fn every_line_of_a_long_script_with_a_credential_is_recognised() {
    let script = corpus::script();
    let redactor = Redactor::default().withholding([script.as_str()], &corpus::open_values());
    let lines = script.lines().filter(|line| line.contains("TOKEN=") || line.contains("SECRET"));
    let mut count = 0;
    for line in lines {
        let (_, value) = line.split_once('=').unwrap();
        for text in [line, value, &line[7..], &line[..line.len() - 2]] {
            assert_eq!(redactor.text(&format!("line {count}: {text}")), WITHHELD, "{text}");
        }
        count += 1;
    }
    assert!(count > 50, "{count}");
}

#[test]
fn a_cut_off_secret_is_not_shown() {
    let redactor = redactor();
    for (secret, replacement) in SECRETS {
        let cut = secret.trim_end().char_indices().rev().nth(2).unwrap().0;
        for end in ["", "…", "...", "\\", "\\u", "\\u00", "%", "%2", "&", "&quo", "&#x2", "\u{fffd}", "…\"", "\"}"]
        {
            let echoed = redactor.text(&format!("you sent {}{end}", &secret[..cut]));
            match replacement {
                REDACTED => assert!(echoed.starts_with("you sent <redacted>"), "{end}: {echoed}"),
                _ => assert_eq!(echoed, WITHHELD, "{end} of {secret:?}"),
            }
        }
    }
    assert_eq!(redactor.text("token s3cr3t/t"), "token <redacted>");
    assert_eq!(redactor.text("token s3cr3t/"), "token s3cr3t/", "too short to be one");
    assert_eq!(redactor.text("half is t0ken+of-a_test, as sent"), "half is <redacted>, as sent");
}

#[test]
fn secrets_of_fewer_than_8_bytes_are_not_searched_for() {
    for (secret, shown) in [("12345678", "a <redacted> b"), ("1234567", "a 12345678 b"), ("1234567\n", "a 12345678 b")]
    {
        assert_eq!(Redactor::new([secret]).text("a 12345678 b"), shown);
        let withheld = Redactor::default().withholding([secret], &[""; 0]).text("a 12345678 b");
        assert_eq!(withheld == WITHHELD, shown.contains(REDACTED));
    }
    assert_eq!(Redactor::new([""]).text("a  b"), "a  b");
}

#[test]
fn a_secret_of_punctuation_is_hidden() {
    let redactor = Redactor::new(["'+\\ \" +'\\A1"]);
    for (text, shown) in [
        ("you sent '+\\ \" +'\\A1!", "you sent <redacted>!"),
        ("you sent '+\\\\ \\\" +'\\\\A1!", "you sent <redacted>!"),
        ("you sent %27%2B%5C%20%22%20%2B%27%5CA1!", "you sent <redacted>!"),
    ] {
        assert_eq!(redactor.text(text), shown);
    }
}

#[test]
fn json_remains_json() {
    let redactor = Redactor::new(["abcd/efgh+1234"]);
    for (text, shown) in [
        (r#"{"a": "abcd\/efgh\u002b1234", "b": 1}"#, r#"{"a": "<redacted>", "b": 1}"#),
        (r#"{"a": "{\"a\": \"abcd\\/efgh\\u002b1234\"}"}"#, r#"{"a": "{\"a\": \"<redacted>\"}"}"#),
        (r#"{"a":  "nothing \u0041"}"#, r#"{"a":  "nothing \u0041"}"#),
        ("/?token=abcd%2Fefgh%2B1234&a", "/?token=<redacted>&a"),
        ("a abcd/efgh+1234 b abcd/efgh+1234", "a <redacted> b <redacted>"),
        ("Basic dXNlcjphYmNkL2VmZ2grMTIzNA==", "Basic dXNl<redacted>=="),
        ("<html>", "<html>"),
        ("", ""),
    ] {
        assert_eq!(redactor.body(text), shown);
    }
}

#[test]
fn a_line_is_recognised_though_its_longest_word_is_not() {
    let redactor = Redactor::default().withholding([corpus::script().as_str()], &[""; 0]);
    for (text, is_shown) in [
        ("404 for https://download.docker.com/linux/ubuntu/gpg", true),
        ("line 7: ping -c 1 artifacts.internal.prod.eu-central.training-cluster.example.com", false),
        ("cp runtime.conf /etc/systemd/system/docker.service.d/10-nvidia-container-runtime.conf: failed", false),
    ] {
        assert_eq!(redactor.text(text) == text, is_shown, "{text}");
    }
}

#[test]
fn what_the_request_states_openly_is_shown() {
    let script = "#!/bin/sh\nimage ubuntu-ml-nvidia-pytorch:v1.13\nKEY=gpu-worker-node-07\nKEY=s3cr3t-of-the-script\n";
    let texts = ["image ubuntu-ml-nvidia-pytorch:v1.13 is unknown", "gpu-worker-node-07 exists"];
    for (open_values, is_shown) in [(&["ubuntu-ml-nvidia-pytorch:v1.13", "gpu-worker-node-07"][..], true), (&[], false)]
    {
        let redactor = Redactor::default().withholding([script], open_values);
        texts.iter().for_each(|text| assert_eq!(redactor.text(text) == *text, is_shown, "{text}"));
        assert_eq!(redactor.text("KEY=s3cr3t-of-the-script"), WITHHELD);
    }
}

#[test]
fn a_body_is_read_before_it_is_withheld() {
    let redactor = redactor();
    let body = serde_json::json!({ "code": "02004", "message": SCRIPT }).to_string();
    assert_eq!(redactor.body(&body), body);
}

#[test]
fn the_query_and_the_user_of_an_address_are_withheld() {
    let query = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20261126T000000Z&X-Amz-Signature=\
                 fe5f80f77d5fa3beca038a248ff027d0445342fe2855ddc963176630326f1024";
    let redactor = Redactor::default().withholding([query, "bot:hunter2hunter"], &[""; 0]);
    for text in [
        format!("cannot fetch https://images.example.com/golden.qcow2?{query}"),
        format!("cannot fetch {}", query.replace('&', "&amp;")),
        "signature fe5f80f77d5fa3beca038a248ff027d0445342fe2855ddc963176630326f1024 does not match".to_owned(),
        "wrong password: hunter2hunter".to_owned(),
    ] {
        assert_eq!(redactor.text(&text), WITHHELD, "{text}");
    }
    for text in ["cannot fetch https://images.example.com/golden.qcow2: 403", "AWS4-HMAC-SHA256 is not supported"] {
        assert_eq!(redactor.text(text), text);
    }
}

/// Counted in views, which each cost a pass over the text.
#[test]
fn text_that_is_escaped_without_end_is_withheld() {
    let redactor = redactor();
    let endless = format!("%{}", "25".repeat(30_000));
    assert_eq!(redactor.text(&endless), WITHHELD);
    let backslashes = "\\".repeat(60_000);
    assert_eq!(redactor.text(&backslashes), backslashes);
    let long = corpus::messages().join("\n--\n");
    assert_eq!(redactor.text(&long), long, "in all {} bytes", long.len());
}
