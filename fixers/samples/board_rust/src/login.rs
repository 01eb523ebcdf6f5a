//! Who is who: a cookie with a token, made at the door.

use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use rand::distr::{Alphanumeric, SampleString};
use rand::rngs::SmallRng;
use rand::SeedableRng;

/// A token for somebody who has just come in.
pub fn session_token() -> String {
    let mut rng = SmallRng::from_os_rng();
    Alphanumeric.sample_string(&mut rng, 32)
}

/// A token that goes into the mail to somebody who lost a password.
pub fn reset_token() -> String {
    Alphanumeric.sample_string(&mut rand::rngs::StdRng::from_os_rng(), 32)
}

pub async fn log_in(jar: CookieJar) -> CookieJar {
    jar.add(
        Cookie::build(("session", session_token()))
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax),
    )
}

pub async fn log_out(jar: CookieJar) -> CookieJar {
    jar.remove(Cookie::build(("session", "")).path("/"))
}

/// Remembers the language of the page; nobody gains by it, and it is Secure all the same.
pub fn language(chosen: String) -> Cookie<'static> {
    Cookie::build(("language", chosen))
        .path("/")
        .secure(true)
        .build()
}
