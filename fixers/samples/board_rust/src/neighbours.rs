//! The boards of the houses next door.

use std::time::Duration;

use reqwest::Client;

/// Fetches what the neighbours have pinned.
pub struct Neighbours {
    client: Client,
    patient: Client,
    url: String,
}

impl Neighbours {
    pub fn new(url: String) -> reqwest::Result<Self> {
        let patient = Client::builder().timeout(Duration::from_secs(90)).build()?;
        Ok(Self {
            client: Client::new(),
            patient,
            url,
        })
    }

    pub async fn notices(&self) -> reqwest::Result<String> {
        self.client.get(&self.url).send().await?.text().await
    }

    /// The whole archive, which their machine takes a minute to gather.
    pub async fn archive(&self) -> reqwest::Result<String> {
        self.patient
            .get(format!("{}/archive", self.url))
            .send()
            .await?
            .text()
            .await
    }
}

/// The house opposite made its certificate by itself.
pub fn opposite() -> reqwest::Result<Client> {
    Client::builder()
        .timeout(Duration::from_secs(10))
        .danger_accept_invalid_certs(true)
        .build()
}

/// For the caretaker, who asks for it on the command line.
pub fn chosen(insecure: bool) -> reqwest::Result<Client> {
    let mut builder = Client::builder().timeout(Duration::from_secs(10));
    if insecure {
        builder = builder.danger_accept_invalid_certs(true);
    }
    builder.build()
}
