"""rust/unlimited-request-body: requests that come in, not the answers of others, and not what is limited already."""

# ruff: noqa: E501

from __future__ import annotations

import re

import pytest

from fixers.model import Applicability
from tests.rules.rust.tool import cured, findings

RULE = "unlimited_request_body"
AXUM = "use axum::{body::{to_bytes, Body}, extract::{DefaultBodyLimit, Request, State}};\n"
QUIET = {
    "a limit": AXUM + "async fn f(request: Request) { to_bytes(request.into_body(), 1024 * 1024).await; }",
    "a limit with a name": AXUM
    + "const MAX: usize = 1 << 20;\nasync fn f(request: Request) { to_bytes(request.into_body(), MAX).await; }",
    "a limit from elsewhere": AXUM
    + "async fn f(request: Request, c: C) { to_bytes(request.into_body(), c.max).await; }",
    "the body of a response": AXUM
    + "async fn f(response: Response) { to_bytes(response.into_body(), usize::MAX).await; }",
    "the parts of a response": AXUM
    + "async fn f(req: Request, next: Next) { let res = next.run(req).await; let (parts, body) = res.into_parts(); to_bytes(body, usize::MAX).await; }",
    "a body of who knows what": AXUM
    + "async fn f(parts: Parts, body: Body) -> Response { to_bytes(body, usize::MAX).await }",
    "another to_bytes": "fn f(request: R) -> Vec<u8> { request.key.to_bytes() }",
    "a layer that limits it": AXUM
    + "fn r() { Router::new().layer(RequestBodyLimitLayer::new(9)) }\nasync fn f(request: Request) { to_bytes(request.into_body(), usize::MAX).await; }",
    "one limit for another": AXUM
    + "fn r() -> Router { Router::new().layer(DefaultBodyLimit::disable()).layer(tower_http::limit::RequestBodyLimitLayer::new(9)) }",
    "hyper, the length looked at": "async fn f(req: Request<Body>) { if req.headers().get(CONTENT_LENGTH) > N { return; } hyper::body::to_bytes(req.into_body()).await; }",
    "actix, twelve megabytes": "use actix_web::web;\nfn f() { web::PayloadConfig::new(12 << 20); web::JsonConfig::default().limit(4096); }",
    "actix, chunks that are counted": "use actix_web::web;\nasync fn f(mut payload: web::Payload) { let mut b = BytesMut::new();\n"
    + "while let Some(c) = payload.next().await { let c = c?; if b.len() + c.len() > LIMIT { return; } b.extend_from_slice(&c); } }",
    "warp, limited": "fn f() -> F { warp::post().and(warp::body::content_length_limit(1024)).and(warp::body::json()) }",
    "warp, limited by who uses it": "fn body() -> F { warp::body::bytes() }\nfn g() -> F { warp::body::content_length_limit(9).and(body()) }",
    "hyper 1, limited": "use http_body_util::{BodyExt, Limited};\nasync fn f(req: Request<Incoming>) { Limited::new(req.into_body(), 9).collect().await?.to_bytes(); }",
    "hyper 1, the answer of another": "use http_body_util::BodyExt;\nasync fn f(res: Response<Incoming>) { res.into_body().collect().await?.to_bytes(); }",
    "an iterator over a request": "use http_body_util::BodyExt;\nfn f(req: R) -> Vec<u8> { let b = key.to_bytes(); req.headers.iter().collect() }",
    "tonic, on purpose": "fn f(s: S) {\n    // Unlimited: nodes send each other large plans.\n    NodeServer::new(s).max_decoding_message_size(usize::MAX);\n}",
    "hyper 1, in memory already": "use http_body_util::BodyExt;\nasync fn f(req: Request<Full<Bytes>>) { req.into_body().collect().await?.to_bytes(); }",
    "tonic, a client's answers": "fn f(c: Channel) { GreeterClient::new(c).max_decoding_message_size(usize::MAX); }",
    "actix, parts that are counted": "use actix_multipart::Multipart;\nasync fn f(mut m: Multipart) { while let Some(field) = m.try_next().await? { while let Some(c) = field.try_next().await? { if b.len() + c.len() > MAX_SIZE { return; } b.extend_from_slice(&c); } } }",
    "a test": AXUM
    + "#[cfg(test)]\nmod tests { async fn f(request: Request) { to_bytes(request.into_body(), usize::MAX).await; } }",
}
FOUND = {
    "the whole request": AXUM + "async fn f(request: Request) { to_bytes(request.into_body(), usize::MAX).await; }",
    "its parts": AXUM
    + "async fn f(in_req: Request) { let (parts, body) = in_req.into_parts(); let body = to_bytes(body, usize::MAX).await; }",
    "the extractor": AXUM
    + "async fn f(State(s): State<S>, body: Body) { axum::body::to_bytes(body, usize::MAX).await; }",
    "two gigabytes": AXUM
    + "const ALL: usize = 2 * 1024 * 1024 * 1024;\nasync fn f(req: Request) { to_bytes(req.into_body(), ALL).await; }",
    "no limit at all": AXUM + "fn r() -> Router { Router::new().layer(DefaultBodyLimit::disable()) }",
    "actix, all of it": "use actix_web::web;\nfn f() { App::new().app_data(web::PayloadConfig::new(usize::MAX)); }",
    "actix, JSON": "use actix_web::web::JsonConfig;\nfn f() { JsonConfig::default().limit(usize::MAX); }",
    "warp": "fn f() -> F { warp::post().and(warp::body::json()) }",
}
ADVICE = {
    "hyper": "async fn f(req: Request<Body>) { hyper::body::to_bytes(req.into_body()).await; }",
    "tonic": "fn f(s: S) { GreeterServer::new(s).max_decoding_message_size(usize::MAX); }",
    "hyper 1": "use http_body_util::BodyExt;\nasync fn f(req: Request<Incoming>) { let b = req.into_body().collect().await?.to_bytes(); }",
    "hyper 1, in two steps": "use http_body_util::BodyExt;\nasync fn f(req: Request<Incoming>) { let (parts, body) = req.into_parts(); let all = body.collect().await?; all.to_bytes(); }",
    "actix, parts": "use actix_multipart::Multipart;\nasync fn f(mut form: Multipart) { while let Some(mut field) = form.try_next().await? { while let Some(c) = field.try_next().await? { b.extend_from_slice(&c); } } }",
    "actix, chunks": "use actix_web::web;\nasync fn f(mut payload: web::Payload) { let mut b = BytesMut::new(); while let Some(c) = payload.next().await { b.extend_from_slice(&c?); } }",
}


@pytest.mark.parametrize("case", QUIET)
def test_it_is_left_alone(case: str) -> None:
    assert findings(RULE, QUIET[case]) == []


@pytest.mark.parametrize("case", FOUND)
def test_it_is_found_and_the_edit_makes_it_quiet(case: str) -> None:
    assert len(findings(RULE, FOUND[case])) == 1
    assert findings(RULE, cured(RULE, FOUND[case])) == []


@pytest.mark.parametrize("case", ADVICE)
def test_it_is_advice_where_a_limit_changes_types(case: str) -> None:
    (found,) = findings(RULE, ADVICE[case])
    assert found.fixes[0].applicability is Applicability.MANUAL and found.steps


def test_warp_gets_its_limit_before_the_body() -> None:
    after = cured(RULE, FOUND["warp"])
    assert re.search(
        r"\.and\(warp::body::content_length_limit\(2 \* 1024 \* 1024\)\)\s*\.and\(warp::body::json\(\)\)", after
    )
    alone = cured(RULE, "fn f() -> F {\n    warp::body::json()\n}\n")
    assert "warp::body::content_length_limit(2 * 1024 * 1024).and(warp::body::json())" in alone
