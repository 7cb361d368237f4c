//! Lists the instances of an account by hand, with the HTTP client and the TLS that the SDK uses.

use serde::Deserialize;

#[derive(Deserialize)]
struct Page {
    instances: Vec<Instance>,
    pagination: Pagination,
}

#[derive(Deserialize)]
struct Pagination {
    total_count: u64,
}

#[derive(Deserialize)]
struct Instance {
    id: String,
    name: String,
    status: String,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    rustls::crypto::ring::default_provider().install_default().ok();
    let token = std::env::var("GENESISCLOUD_TOKEN")?;
    let endpoint = std::env::var("GENESISCLOUD_ENDPOINT").unwrap_or_else(|_| "https://api.genesiscloud.com/compute/v1".into());
    let client = reqwest::Client::builder().timeout(std::time::Duration::from_secs(30)).build()?;
    let mut seen = 0;
    for number in 1u64.. {
        let page: Page = client
            .get(format!("{endpoint}/instances"))
            .query(&[("page", number), ("per_page", 100)])
            .bearer_auth(&token)
            .send()
            .await?
            .error_for_status()?
            .json()
            .await?;
        for instance in &page.instances {
            println!("{} {} {} 513774", instance.id, instance.name, instance.status);
        }
        seen += page.instances.len() as u64;
        if page.instances.is_empty() || seen >= page.pagination.total_count {
            break;
        }
    }
    Ok(())
}
