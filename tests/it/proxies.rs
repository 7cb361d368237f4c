//! Proxies: a variable that cannot be read is an error, and a refused tunnel names the proxy and its answer.

use std::process::Command;

use genesiscloud::{Client, ErrorKind, reqwest};
use genesiscloud_tests::mock_api::TOKEN;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Asks the test below, in a process of its own, for what a client does in an environment.
fn in_environment(variables: &[(&str, &str)]) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "proxies::what_a_client_does_in_this_environment", "--nocapture"]);
    for name in ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY"] {
        command.env_remove(name);
    }
    let output = command.env("ASKED_FOR_PROXIES", "1").envs(variables.iter().copied()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn what_a_client_does_in_this_environment() {
    if std::env::var_os("ASKED_FOR_PROXIES").is_none() {
        return;
    }
    for endpoint in ["http://127.0.0.1:1", "https://api.sandbox.invalid"] {
        match Client::builder().token(TOKEN).endpoint(endpoint).build() {
            Err(error) => println!("{endpoint}: {error}"),
            Ok(_) if endpoint.starts_with("http:") => println!("{endpoint}: built"),
            Ok(client) => println!("{endpoint}: {}", client.quotas().get().await.unwrap_err()),
        }
    }
}

#[test]
fn a_proxy_variable_that_cannot_be_read_is_an_error_and_not_shown() {
    for (name, value) in [("HTTPS_PROXY", "http://user:s3cr3t@pro xy:3128"), ("all_proxy", "'http://s3cr3t:3128'")] {
        let output = in_environment(&[(name, value)]);
        assert!(output.contains("http://127.0.0.1:1: built"), "a proxy is not used for loopback: {output}");
        let refusal = format!("https://api.sandbox.invalid: the client cannot be built: {name} is not the address");
        assert!(output.contains(&refusal), "{output}");
        assert!(!output.contains("s3cr3t"), "{output}");
    }
}

/// A proxy that answers every CONNECT with this; its address.
async fn proxy(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut request = [0; 4096];
            let _ = socket.read(&mut request).await;
            let _ = socket.write_all(answer.as_bytes()).await;
        }
    });
    address
}

#[tokio::test]
async fn a_refused_tunnel_names_the_proxy_and_its_answer() {
    for (answer, says) in [
        ("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n", "answered CONNECT with 403"),
        ("HTTP/1.0 502 Bad Gateway\r\n\r\n<html>", "answered CONNECT with 502"),
        ("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "answered CONNECT with 407"),
        ("", "unexpected end of file"),
        ("SSH-2.0-OpenSSH_9.6\r\n", "tunnel error"),
    ] {
        let address = proxy(answer).await;
        let proxy = reqwest::Proxy::all(format!("http://user:s3cr3t@{address}")).unwrap();
        let builder = Client::builder().token(TOKEN).endpoint("https://api.sandbox.invalid");
        let client = builder.configure_http(move |http| http.proxy(proxy.clone())).build().unwrap();
        let error = client.quotas().get().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connect, "{error}");
        let text = error.to_string();
        assert!(text.contains(&format!("the proxy http://{address}")) && text.contains(says), "{text}");
        assert!(!text.contains("s3cr3t") && !text.contains("user"), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_of_the_environment_is_named_as_well() {
    let address = proxy("HTTP/1.1 503 Service Unavailable\r\n\r\n").await;
    let variable = format!("http://user:s3cr3t@{address}");
    let output = tokio::task::spawn_blocking(move || in_environment(&[("HTTPS_PROXY", &variable)])).await.unwrap();
    assert!(output.contains(&format!("the proxy http://{address} answered CONNECT with 503")), "{output}");
    assert!(!output.contains("s3cr3t"), "{output}");
}
