"""Signs a person in at the OpenID provider as a browser would: authorization code, PKCE, nonce.

Usage: signin.py ISSUER CLIENT PERSON   (prints the id_token)
"""

import base64
import hashlib
import html
import http.cookiejar
import json
import re
import secrets
import sys
import urllib.error
import urllib.parse
import urllib.request


class _Stay(urllib.request.HTTPRedirectHandler):
    """Redirects are followed by hand, so that the last one can be read."""

    def redirect_request(self, *_):
        return None


class Browser:
    """Cookies and one step at a time."""

    def __init__(self):
        jar = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(
            _Stay, urllib.request.HTTPCookieProcessor(jar), urllib.request.ProxyHandler({})
        )

    def step(self, url, form=None):
        """One request; answers (status, Location or None, body)."""
        data = urllib.parse.urlencode(form).encode() if form is not None else None
        try:
            with self._opener.open(urllib.request.Request(url, data=data), timeout=20) as answer:
                return answer.status, None, answer.read().decode()
        except urllib.error.HTTPError as answer:
            return answer.code, answer.headers.get("Location"), answer.read().decode()


def id_token(issuer, client, person):
    """The id_token that the provider issues to `client` for `person`."""
    browser = Browser()
    verifier = secrets.token_urlsafe(48)
    digest = hashlib.sha256(verifier.encode()).digest()
    callback = f"{issuer}/callback"
    query = {
        "client_id": client,
        "response_type": "code",
        "redirect_uri": callback,
        "scope": "openid profile email groups",
        "nonce": secrets.token_urlsafe(16),
        "state": secrets.token_urlsafe(16),
        "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
        "code_challenge_method": "S256",
    }
    url, form = f"{issuer}/auth?{urllib.parse.urlencode(query)}", None
    for _ in range(12):
        status, location, body = browser.step(url, form)
        if location is not None:
            url, form = urllib.parse.urljoin(url, location), None
            if url.startswith(callback):
                return _redeem(browser, issuer, client, url, query["state"], verifier)
            continue
        action = re.search(r'action="([^"]+)"', body)
        prompt = re.search(r'name="prompt" value="([^"]+)"', body)
        if status != 200 or not action or not prompt:
            raise RuntimeError(f"the provider answered {status}: {body[:300]}")
        url = urllib.parse.urljoin(url, html.unescape(action.group(1)))
        form = {"prompt": prompt.group(1), "login": person, "password": "not-asked"}
    raise RuntimeError("the sign-in does not end")


def _redeem(browser, issuer, client, url, state, verifier):
    answer = urllib.parse.parse_qs(urllib.parse.urlparse(url).query)
    if answer.get("state") != [state] or "code" not in answer:
        raise RuntimeError(f"no code came back: {answer}")
    form = {
        "grant_type": "authorization_code",
        "code": answer["code"][0],
        "redirect_uri": f"{issuer}/callback",
        "client_id": client,
        "code_verifier": verifier,
    }
    status, _, body = browser.step(f"{issuer}/token", form)
    if status != 200:
        raise RuntimeError(f"the code was not redeemed: {status} {body[:300]}")
    return json.loads(body)["id_token"]


if __name__ == "__main__":
    print(id_token(*sys.argv[1:4]))
