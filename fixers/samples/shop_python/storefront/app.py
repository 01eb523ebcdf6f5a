"""Pages, carts and logins."""

import logging
import os

from flask import Flask, jsonify, make_response, request
from flask_cors import CORS

from storefront import accounts, hooks, rates

log = logging.getLogger(__name__)
app = Flask(__name__)
app.config["SECRET_KEY"] = os.environ.get("SECRET_KEY", "stall-and-shelf")
app.config["SESSION_COOKIE_SECURE"] = False
CORS(app, supports_credentials=True)


@app.post("/login")
def login():
    form = request.get_json()
    user, password = form["user"], form["password"]
    log.info("login of %s with %s", user, password)
    token = accounts.open_session(user, password)
    if token is None:
        log.warning("wrong password for %s", user)
        return jsonify(error="unknown user or password"), 401
    response = make_response(jsonify(user=user))
    response.set_cookie("session", token)
    response.set_cookie("theme", form.get("theme", "light"))
    return response


@app.post("/logout")
def logout():
    accounts.close_session(request.cookies.get("session", ""))
    response = make_response("", 204)
    response.set_cookie("session", "", expires=0)
    return response


@app.get("/rates")
def exchange_rates():
    return jsonify(rates.rates("EUR"))


@app.post("/hooks/payments")
def payment_hook():
    if not hooks.is_genuine(request.get_data(), request.headers.get("X-Signature", "")):
        return "", 403
    log.info("payment hook of %d bytes", len(request.get_data()))
    return "", 204


if __name__ == "__main__":
    app.run(port=8000, debug=True)
