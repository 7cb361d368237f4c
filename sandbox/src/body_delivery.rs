//! How an answer gets onto the wire: whole, slowly, or not to its end.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use futures::stream::{self, StreamExt};
use http_body_util::StreamBody;
use http_body_util::combinators::UnsyncBoxBody;
use hyper::body::Frame;

use crate::clock::Clock;
use crate::connection::Breaker;
use crate::faults::{Answer, Body, Fault};

pub(crate) type WireBody = UnsyncBoxBody<Bytes, io::Error>;

/// How far and how fast a body is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delivery {
    Whole,
    /// In pieces, so long apart.
    Slow(Duration),
    /// To its middle; then the connection is closed.
    Cut,
    /// To its middle; then the connection is reset.
    Reset,
}

impl Delivery {
    pub(crate) fn of(fault: Option<&Fault>) -> Self {
        match fault {
            Some(Fault::SlowBody(pause)) => Self::Slow(*pause),
            Some(Fault::CutBody | Fault::Status(Answer { body: Body::Cut, .. })) => Self::Cut,
            Some(Fault::ResetInBody) => Self::Reset,
            _ => Self::Whole,
        }
    }
}

/// What happens between and after the pieces of a body.
enum Step {
    Piece(Bytes),
    Pause(Duration),
    /// Lets what was sent so far leave before what follows.
    Flush,
    Close,
    Reset,
}

/// The body as it is sent. `guard` is dropped when that is over, whatever the end.
pub(crate) fn body(
    bytes: Bytes,
    delivery: Delivery,
    clock: Clock,
    breaker: Breaker,
    guard: impl Send + 'static,
) -> WireBody {
    let frames = stream::iter(steps(bytes, delivery)).then(move |step| {
        let (clock, breaker) = (clock.clone(), breaker.clone());
        let _ = &guard;
        async move { take(step, &clock, &breaker).await }
    });
    UnsyncBoxBody::new(StreamBody::new(frames.filter_map(std::future::ready)))
}

fn steps(bytes: Bytes, delivery: Delivery) -> Vec<Step> {
    match delivery {
        Delivery::Whole => vec![Step::Piece(bytes)],
        Delivery::Slow(pause) => {
            const PIECES: usize = 8;
            let pieces = bytes.chunks(bytes.len().div_ceil(PIECES).max(1)).map(|it| bytes.slice_ref(it));
            pieces.flat_map(|piece| [Step::Piece(piece), Step::Flush, Step::Pause(pause)]).collect()
        }
        Delivery::Cut => vec![Step::Piece(bytes.slice(..bytes.len() / 2)), Step::Flush, Step::Close],
        Delivery::Reset => vec![Step::Piece(bytes.slice(..bytes.len() / 2)), Step::Flush, Step::Reset],
    }
}

async fn take(step: Step, clock: &Clock, breaker: &Breaker) -> Option<io::Result<Frame<Bytes>>> {
    match step {
        Step::Piece(bytes) => return Some(Ok(Frame::data(bytes))),
        Step::Pause(pause) => clock.sleep(pause).await,
        // The server flushes whenever a body has nothing more to give for now.
        Step::Flush => tokio::task::yield_now().await,
        Step::Close => return Some(Err(io::ErrorKind::UnexpectedEof.into())),
        Step::Reset => {
            breaker.reset();
            return Some(Err(io::ErrorKind::ConnectionReset.into()));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    async fn sent(delivery: Delivery) -> (Vec<u8>, bool) {
        let mut body = body(Bytes::from_static(b"0123456789"), delivery, Clock::stepped(), Breaker::default(), ());
        let mut sent = Vec::new();
        while let Some(frame) = body.frame().await {
            match frame {
                Ok(frame) => sent.extend(frame.into_data().unwrap()),
                Err(_) => return (sent, false),
            }
        }
        (sent, true)
    }

    #[tokio::test]
    async fn a_body_gets_as_far_as_told() {
        assert_eq!(sent(Delivery::Whole).await, (b"0123456789".to_vec(), true));
        assert_eq!(sent(Delivery::Slow(Duration::ZERO)).await, (b"0123456789".to_vec(), true));
        assert_eq!(sent(Delivery::Cut).await, (b"01234".to_vec(), false));
        assert_eq!(sent(Delivery::Reset).await, (b"01234".to_vec(), false));
    }
}
