//! The part of webauthn-rs that Board uses, with nothing behind it.

pub mod prelude {
    pub use url::Url;

    /// Why no relying party could be made.
    #[derive(Debug)]
    pub enum WebauthnError {
        /// The page is not on the relying party's domain.
        Configuration,
    }

    pub type WebauthnResult<T> = Result<T, WebauthnError>;

    /// A relying party: who passkeys are made for.
    #[derive(Debug)]
    pub struct Webauthn {
        pub id: String,
        pub origin: Url,
    }

    pub struct WebauthnBuilder {
        id: String,
        origin: Url,
    }

    impl WebauthnBuilder {
        /// The id is the domain of the origin, or one above it.
        pub fn new(rp_id: &str, rp_origin: &Url) -> WebauthnResult<Self> {
            match rp_origin.domain() {
                Some(domain) if domain == rp_id || domain.ends_with(&format!(".{rp_id}")) => {
                    Ok(Self {
                        id: rp_id.to_owned(),
                        origin: rp_origin.clone(),
                    })
                }
                _ => Err(WebauthnError::Configuration),
            }
        }

        pub fn build(self) -> WebauthnResult<Webauthn> {
            Ok(Webauthn {
                id: self.id,
                origin: self.origin,
            })
        }
    }
}
