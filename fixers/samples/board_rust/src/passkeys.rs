//! Passkeys instead of passwords.

use webauthn_rs::prelude::{Url, Webauthn, WebauthnBuilder, WebauthnResult};

use crate::settings::Settings;

/// The relying party of the front door.
pub fn front(origin: &Url) -> WebauthnResult<Webauthn> {
    let rp_id = "localhost";
    WebauthnBuilder::new(rp_id, origin)?.build()
}

/// The relying party of the cellar, which has settings of its own.
pub fn cellar(settings: &Settings, origin: &Url) -> WebauthnResult<Webauthn> {
    WebauthnBuilder::new(&settings.rp_id, origin)?.build()
}
