//! How a response body is sent: complete, slowly, or only in part.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use futures::stream::{self, StreamExt};
use http_body_util::StreamBody;
use http_body_util::combinators::UnsyncBoxBody;
use hyper::body::Frame;

use crate::clock::Clock;
use crate::connection::ResetHandle;
use crate::faults::{Fault, FaultBody, FaultResponse};

pub(crate) type WireBody = UnsyncBoxBody<Bytes, io::Error>;

/// How much of a body is sent, and how fast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyDelivery {
    Complete,
    /// In chunks, with this pause after each.
    Slow(Duration),
    /// The first half; then the connection is closed.
    Cut,
    /// The first half; then the connection is reset.
    Reset,
}

impl BodyDelivery {
    pub(crate) fn of(fault: Option<&Fault>) -> Self {
        match fault {
            Some(Fault::SlowBody(pause)) => Self::Slow(*pause),
            Some(Fault::CutBody | Fault::Status(FaultResponse { body: FaultBody::Cut, .. })) => Self::Cut,
            Some(Fault::ResetInBody) => Self::Reset,
            _ => Self::Complete,
        }
    }
}

/// One step of sending a body.
enum Step {
    Send(Bytes),
    Pause(Duration),
    /// Writes what was sent so far to the socket before the next step.
    Flush,
    Close,
    Reset,
}

/// Creates the body that is sent. `guard` is dropped when sending has ended, complete or not.
pub(crate) fn body(
    bytes: Bytes,
    delivery: BodyDelivery,
    clock: Clock,
    reset_handle: ResetHandle,
    guard: impl Send + 'static,
) -> WireBody {
    let frames = stream::iter(steps(bytes, delivery)).then(move |step| {
        let (clock, reset_handle) = (clock.clone(), reset_handle.clone());
        let _ = &guard;
        async move { perform(step, &clock, &reset_handle).await }
    });
    UnsyncBoxBody::new(StreamBody::new(frames.filter_map(std::future::ready)))
}

fn steps(bytes: Bytes, delivery: BodyDelivery) -> Vec<Step> {
    match delivery {
        BodyDelivery::Complete => vec![Step::Send(bytes)],
        BodyDelivery::Slow(pause) => {
            const CHUNKS: usize = 8;
            let chunks = bytes.chunks(bytes.len().div_ceil(CHUNKS).max(1)).map(|it| bytes.slice_ref(it));
            chunks.flat_map(|chunk| [Step::Send(chunk), Step::Flush, Step::Pause(pause)]).collect()
        }
        BodyDelivery::Cut => vec![Step::Send(bytes.slice(..bytes.len() / 2)), Step::Flush, Step::Close],
        BodyDelivery::Reset => vec![Step::Send(bytes.slice(..bytes.len() / 2)), Step::Flush, Step::Reset],
    }
}

async fn perform(step: Step, clock: &Clock, reset_handle: &ResetHandle) -> Option<io::Result<Frame<Bytes>>> {
    match step {
        Step::Send(bytes) => return Some(Ok(Frame::data(bytes))),
        Step::Pause(pause) => clock.sleep(pause).await,
        // hyper flushes its buffer whenever the body is pending.
        Step::Flush => tokio::task::yield_now().await,
        Step::Close => return Some(Err(io::ErrorKind::UnexpectedEof.into())),
        Step::Reset => {
            reset_handle.reset();
            return Some(Err(io::ErrorKind::ConnectionReset.into()));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    /// Returns the bytes that were sent, and whether the body ended without an error.
    async fn sent(delivery: BodyDelivery) -> (Vec<u8>, bool) {
        let mut body = body(Bytes::from_static(b"0123456789"), delivery, Clock::stepped(), ResetHandle::default(), ());
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
    async fn a_cut_or_reset_body_ends_in_the_middle_with_an_error() {
        assert_eq!(sent(BodyDelivery::Complete).await, (b"0123456789".to_vec(), true));
        assert_eq!(sent(BodyDelivery::Slow(Duration::ZERO)).await, (b"0123456789".to_vec(), true));
        assert_eq!(sent(BodyDelivery::Cut).await, (b"01234".to_vec(), false));
        assert_eq!(sent(BodyDelivery::Reset).await, (b"01234".to_vec(), false));
    }
}
