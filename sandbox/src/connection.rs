//! A TCP connection that can be reset on purpose, and that ends when the head of a request does not arrive.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;

/// The most time from the first byte of a request to the end of its head. Idle connections have no limit.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// Resets a connection: nothing more is read or written, and the peer receives a TCP reset.
#[derive(Clone, Default)]
pub(crate) struct ResetHandle(Arc<AtomicBool>);

impl ResetHandle {
    pub(crate) fn reset(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn check(&self) -> io::Result<()> {
        if self.0.load(Ordering::Relaxed) { Err(io::ErrorKind::ConnectionReset.into()) } else { Ok(()) }
    }
}

pub(crate) struct Connection {
    stream: TcpStream,
    reset_handle: ResetHandle,
    request_in_progress: RequestInProgress,
    /// Ends when a head that has begun to arrive is late. `None` between requests and during one.
    head_timeout: Option<Pin<Box<Sleep>>>,
}

/// Whether the connection has read the head of a request whose response is not sent yet.
#[derive(Clone, Default)]
pub(crate) struct RequestInProgress(Arc<AtomicBool>);

impl RequestInProgress {
    /// Marks the head of a request as complete, until the returned value is dropped.
    pub(crate) fn start(&self) -> RequestGuard {
        self.0.store(true, Ordering::Relaxed);
        RequestGuard(self.clone())
    }
}

/// A request in progress. Dropping this ends it.
pub(crate) struct RequestGuard(RequestInProgress);

impl Drop for RequestGuard {
    fn drop(&mut self) {
        self.0.0.store(false, Ordering::Relaxed);
    }
}

impl Connection {
    pub(crate) fn new(stream: TcpStream) -> (Self, ResetHandle, RequestInProgress) {
        let (reset_handle, request_in_progress) = (ResetHandle::default(), RequestInProgress::default());
        let connection = Self {
            stream,
            reset_handle: reset_handle.clone(),
            request_in_progress: request_in_progress.clone(),
            head_timeout: None,
        };
        (connection, reset_handle, request_in_progress)
    }

    /// Returns an error if the head of a request has begun to arrive and is late.
    fn check_head(&mut self, has_received: bool, cx: &mut Context<'_>) -> io::Result<()> {
        if self.request_in_progress.0.load(Ordering::Relaxed) {
            self.head_timeout = None;
            return Ok(());
        }
        if has_received && self.head_timeout.is_none() {
            self.head_timeout = Some(Box::pin(tokio::time::sleep(HEAD_TIMEOUT)));
        }
        let is_late = self.head_timeout.as_mut().is_some_and(|timeout| timeout.as_mut().poll(cx).is_ready());
        if is_late { Err(io::ErrorKind::TimedOut.into()) } else { Ok(()) }
    }

    fn stream(&mut self) -> io::Result<Pin<&mut TcpStream>> {
        self.reset_handle.check()?;
        Ok(Pin::new(&mut self.stream))
    }
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let result = self.stream()?.poll_read(cx, buf);
        self.check_head(buf.filled().len() > before, cx)?;
        result
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.stream()?.poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream()?.poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream()?.poll_shutdown(cx)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if self.reset_handle.check().is_err() {
            // Closing a socket with a linger time of zero sends a reset. If the option cannot be set, the socket is
            // closed normally.
            let _ = self.stream.set_zero_linger();
        }
    }
}
