"""Real OpenSearch and Elasticsearch, as small as their makers publish them for their own tests: no
plugins, but the `_bulk`, the mappings and (OpenSearch) the data streams of the whole.

The templates of the documentation are put there as it says.
"""

import json
import os
import urllib.request
from pathlib import Path

from counterparts import Counterpart, free_port

DOCS = Path(__file__).resolve().parents[3] / "docs/sinks"
WINDOW = 1000


class Search(Counterpart):
    """A node of its own, on disk: it is ended, and comes back with what it had."""

    kind, user = "elasticsearch", "nobody"
    index = "strongroom-audit"
    #: A JVM on busy cores.
    patience = 240
    requests_a_second = 50
    by_itself = True

    def settings(self):
        return f'url = "http://127.0.0.1:{self.port}"\nindex = "{self.index}"'

    def node(self, folder, variable, *more):
        home = next((self.tools / folder).glob("*/bin")).parent
        java = Path(os.path.realpath("/usr/bin/java")).parent.parent
        self.environment = {
            f"{variable}_JAVA_HOME": str(java), f"{variable}_JAVA_OPTS": "-Xms512m -Xmx512m",
            # What a program of another user may not write beside its binaries.
            f"{variable}_PATH_CONF": str(self.configuration(home / "config")),
        }
        words = {"http.port": self.port, "transport.port": self.inner, "network.host": "127.0.0.1",
                 "discovery.type": "single-node", "path.data": self.home / "data",
                 "path.logs": self.home / "logs",
                 # On a disk that is nearly full it would make no index, and say nothing of why.
                 "cluster.routing.allocation.disk.threshold_enabled": "false"}
        return [home / "bin" / folder, *(f"-E{name}={value}" for name, value in words.items()), *more]

    def configuration(self, own):
        there = self.home / "config"
        if not there.exists():
            there.mkdir()
            for file in own.iterdir():
                if file.suffix in (".yml", ".options", ".properties"):
                    lines = file.read_text().splitlines(keepends=True)
                    # The JVM would write its own log beside the binaries.
                    kept = [line for line in lines if "logs/" not in line]
                    (there / file.name).write_text("".join(kept))
            self.given(there)
        return there

    def given(self, folder):
        """To the user that the node runs as: it runs as no root."""
        if os.geteuid() == 0:
            import pwd
            who = pwd.getpwnam(self.user)
            for place in (folder, *folder.iterdir()):
                os.chown(place, who.pw_uid, who.pw_gid)

    def start(self):
        if not hasattr(self, "inner"):
            self.inner = free_port()
        words = self.command()
        self.process = self.spawn(words, **self.environment)
        self.answers(self.port)

    def ask(self, method, path, body=None):
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/{path}", data, {"content-type": "application/json"},
            method=method)
        with opener.open(request, timeout=60) as answer:
            return json.load(answer)

    def prepare(self):
        said = self.ask("PUT", "_index_template/strongroom-audit", self.template())
        assert said == {"acknowledged": True}, said

    def received(self):
        """Documents know no order; an id is there once."""
        self.ask("POST", f"{self.index}/_refresh")
        found, first = [], 0
        while True:
            query = {"query": {"range": {"index": {"gte": first, "lt": first + WINDOW}}},
                     "size": WINDOW + 1, "sort": [{"index": "asc"}]}
            hits = self.ask("POST", f"{self.index}/_search", query)["hits"]["hits"]
            if not hits:
                return found
            found += [(hit["_source"]["index"], hit["_id"]) for hit in hits]
            first += WINDOW


class OpenSearch(Search):
    """Into a data stream, by our template."""

    name = "opensearch"

    def command(self):
        return self.node("opensearch", "OPENSEARCH")

    def template(self):
        return json.loads((DOCS / "opensearch-template.json").read_text())

    def received(self):
        streams = self.ask("GET", "_data_stream/strongroom-audit")["data_streams"]
        assert [stream["name"] for stream in streams] == [self.index], streams
        return super().received()


class Elastic(Search):
    """Into an index, by the mappings of our template: its data streams and lifecycles are modules
    that this distribution is without."""

    name = "elastic"

    def command(self):
        return self.node("elasticsearch", "ES", "-Expack.security.enabled=false")

    def template(self):
        whole = json.loads((DOCS / "elasticsearch-template.json").read_text())
        del whole["data_stream"], whole["template"]["settings"]["index.lifecycle.name"]
        return whole


ALL = [OpenSearch, Elastic]
