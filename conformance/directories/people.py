"""What a person does in a browser: follows, fills forms in, and ends where they are sent."""

import html
import http.cookiejar
import re
import urllib.error
import urllib.parse
import urllib.request
from html.parser import HTMLParser

from world import Failed

STEPS_MAX = 25


class _Stay(urllib.request.HTTPRedirectHandler):
    """Redirects are followed by hand, so that each can be looked at."""

    def redirect_request(self, *_):
        return None


class _Forms(HTMLParser):
    """The forms of a page: where each goes, and what it has filled in."""

    def __init__(self):
        super().__init__()
        self.forms = []

    def handle_starttag(self, tag, attrs):
        own = dict(attrs)
        if tag == "form":
            self.forms.append({"action": own.get("action") or "", "fields": {}, "asked": set(),
                               "method": (own.get("method") or "get").lower()})
        elif tag in ("input", "button") and self.forms and own.get("name"):
            form, kind = self.forms[-1], (own.get("type") or "text").lower()
            name = own["name"]
            if kind in ("text", "password", "email"):
                form["asked"].add(name)
            if kind == "submit" or tag == "button":
                form.setdefault("buttons", {}).setdefault(name, own.get("value") or "")
            elif kind not in ("checkbox", "radio") or "checked" in own:
                form["fields"].setdefault(name, own.get("value") or "")


class Person:
    """A browser with somebody before it."""

    def __init__(self, name, password):
        self.known = {"login": name, "username": name, "user": name, "password": password}
        # Loopback is as good as TLS to browsers.
        self.jar = http.cookiejar.CookieJar(http.cookiejar.DefaultCookiePolicy(
            secure_protocols=("https", "wss", "http")))
        self._opener = urllib.request.build_opener(
            _Stay, urllib.request.HTTPCookieProcessor(self.jar), urllib.request.ProxyHandler({}))

    def step(self, url, form=None):
        """One request: (status, where to next or None, body)."""
        data = urllib.parse.urlencode(form).encode() if form is not None else None
        try:
            with self._opener.open(urllib.request.Request(url, data=data), timeout=60) as answer:
                return answer.status, None, answer.read().decode(errors="replace")
        except urllib.error.HTTPError as answer:
            body = answer.read().decode(errors="replace")
            return answer.code, answer.headers.get("Location"), body

    def visit(self, url, ends, code=None):
        """Goes on until `ends(url, status, body)` holds; answers that page's text."""
        form, had = None, []
        for _ in range(STEPS_MAX):
            had.append(url.split("?")[0])
            status, location, body = self.step(url, form)
            if location is not None:
                url, form = urllib.parse.urljoin(url, location), None
                continue
            if ends(url, status, body):
                return body
            url, form = self._filled(url, status, body, code)
        raise Failed(f"the sign-in does not end: {had[-4:]}")

    def _filled(self, url, status, body, code):
        """The page's form with what is known put in."""
        parser = _Forms()
        parser.feed(body)
        refresh = re.search(r'http-equiv="refresh"[^>]*url=([^"]+)"', body, re.IGNORECASE)
        script = "document.forms[0].submit()" in body or ".submit()" in body
        known = dict(self.known, user_code=code, device_user_code=code)
        for form in parser.forms:
            fillable = all(known.get(name) is not None for name in form["asked"])
            buttons = form.get("buttons", {})
            if "abort" in buttons and len(parser.forms) > 1:
                continue
            if fillable and (form["asked"] or form["fields"] or script or buttons):
                fields = dict(form["fields"])
                fields.update({name: known[name] for name in form["asked"]})
                for name in ("accept", "confirm", "login", "logout"):
                    if name in buttons and name not in fields:
                        fields[name] = buttons[name]
                action = urllib.parse.urljoin(url, html.unescape(form["action"]))
                if form["method"] == "get":
                    return f"{action}?{urllib.parse.urlencode(fields)}", None
                return action, fields
        if refresh:
            return urllib.parse.urljoin(url, html.unescape(refresh.group(1))), None
        text = re.sub(r"<[^>]+>", " ", body)
        raise Failed(f"{url} answered {status} and nothing to go on with: {' '.join(text.split())[:300]}")
