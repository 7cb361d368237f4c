//! The hand-written part of the generated client: sending a prepared request and decoding its response.

use progenitor_client::{Error, ResponseValue};

use crate::bindings::Client;
use crate::transport::PreparedRequest;

impl Client {
    /// Sends a prepared request and decodes the response. All methods of the generated client call it.
    pub(crate) async fn send<T>(&self, prepared: PreparedRequest<T>) -> Result<ResponseValue<T>, Error<()>> {
        let PreparedRequest { operation, request, decode } = prepared;
        let response = self.inner.0.execute(&self.client, request?, operation).await?;
        decode_response(response, decode).await
    }
}

async fn decode_response<T>(
    response: reqwest::Response,
    decode: fn(&[u8]) -> serde_json::Result<T>,
) -> Result<ResponseValue<T>, Error<()>> {
    if !response.status().is_success() {
        return Err(Error::UnexpectedResponse(response));
    }
    let (status, headers) = (response.status(), response.headers().clone());
    let body = response.bytes().await.map_err(Error::ResponseBodyError)?;
    match decode(&body) {
        Ok(value) => Ok(ResponseValue::new(value, status, headers)),
        Err(error) => Err(Error::InvalidResponsePayload(body, error)),
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;
    use crate::json::decode_json;
    use crate::transport::expect_no_body;

    /// Decodes a response with this status and body.
    fn decoded<T>(
        decode: fn(&[u8]) -> serde_json::Result<T>,
        status: u16,
        body: &'static str,
    ) -> Result<T, Box<Error<()>>> {
        let response = http::Response::builder().status(status).body(body).unwrap();
        let decoding = pin!(decode_response(response.into(), decode));
        // The whole body is in memory, so the future has nothing to wait for.
        match decoding.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(result) => result.map(ResponseValue::into_inner).map_err(Box::new),
            Poll::Pending => panic!("decoding waits for a body that is in memory"),
        }
    }

    #[test]
    fn a_json_body_is_decoded_with_any_success_status() {
        for status in [200, 201, 202] {
            assert_eq!(decoded(decode_json::<Vec<i64>>, status, "[1, 2]").unwrap(), [1, 2]);
        }
    }

    #[test]
    fn a_body_where_none_is_documented_is_no_success() {
        for (status, body) in [(204, ""), (200, ""), (202, "\r\n")] {
            assert!(decoded(expect_no_body, status, body).is_ok(), "{status} {body}");
        }
        for body in ["<html>maintenance</html>", "{}", "null", "[1]"] {
            let error = decoded(expect_no_body, 200, body).unwrap_err();
            assert!(matches!(&*error, Error::InvalidResponsePayload(bytes, _) if bytes == body), "{error}");
        }
    }

    #[test]
    fn a_body_that_cannot_be_decoded_is_part_of_the_error() {
        for body in ["", "{}", "[1"] {
            let error = decoded(decode_json::<Vec<i64>>, 200, body).unwrap_err();
            assert!(matches!(&*error, Error::InvalidResponsePayload(bytes, _) if bytes == body), "{error}");
        }
    }

    #[test]
    fn any_other_status_is_an_error_with_the_response() {
        for status in [304, 404, 500] {
            let error = decoded(expect_no_body, status, "[1]").unwrap_err();
            assert!(matches!(&*error, Error::UnexpectedResponse(response) if response.status() == status), "{error}");
        }
    }
}
