import pytest


def test_a_login_needs_the_password():
    pytest.importorskip("flask_cors")
    pytest.importorskip("yaml")
    from storefront.app import app

    app.config["CHECK_PASSWORD"] = lambda user, password: password == "right"
    client = app.test_client()
    assert client.post("/login", json={"user": "ada", "password": "wrong"}).status_code == 401
    answer = client.post("/login", json={"user": "ada", "password": "right"})
    assert answer.status_code == 200
    assert "session=" in answer.headers["Set-Cookie"]


def test_the_catalog_lists_its_goods():
    pytest.importorskip("httpx")
    testclient = pytest.importorskip("fastapi.testclient")
    pytest.importorskip("uvicorn")
    from catalog.main import app

    client = testclient.TestClient(app, base_url="http://localhost")
    assert [item["id"] for item in client.get("/goods").json()] == [2, 1]
