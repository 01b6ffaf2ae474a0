"""The receivers of the record: real brokers, and a collector written to Splunk's documentation.

Each is started and ended by its process id, listens on loopback alone, and gives back what it has,
in its order: pairs of an index and an id.
"""

import asyncio
import http.client
import json
import os
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import time
from pathlib import Path

import hec
import s3


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def pair(line):
    read = json.loads(line)
    return read["index"], read["id"]


class Counterpart:
    """A process that takes the record. An outage ends it, unless it would forget: then it hangs."""

    forgets = False
    user = None
    binary = None
    #: How many requests come in a second while it is away.
    requests_a_second = 250
    patience = 30
    #: Whether it has a server of its own.
    by_itself = False

    def __init__(self, tools, run):
        self.tools, self.home, self.port = tools, run / self.name, free_port()
        self.home.mkdir()
        self.process, self.log = None, open(run / f"{self.name}.log", "ab")
        if self.user and os.geteuid() == 0:
            shutil.chown(self.home, self.user)

    def start(self):
        self.process = self.spawn(self.command())
        self.answers(self.port)

    def spawn(self, words, **environment):
        keep = ("PATH", "HOME", "LANG", "TMPDIR")
        env = {name: os.environ[name] for name in keep if name in os.environ} | environment
        user = self.user if os.geteuid() == 0 else None
        if user:
            env["HOME"] = pwd.getpwnam(user).pw_dir
        words = [str(word) for word in words]
        return subprocess.Popen(
            words, stdout=self.log, stderr=self.log, env=env, cwd=self.home, user=user,
            group=pwd.getpwnam(user).pw_gid if user else None,
        )

    def answers(self, port):
        for _ in range(10 * self.patience):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            except OSError:
                assert self.process is None or self.process.poll() is None, f"{self.name} ended"
                time.sleep(0.1)
        raise SystemExit(f"{self.name} does not answer; see {self.log.name}")

    def prepare(self):
        """Makes what leaves are put into."""

    def alone(self):
        """What it takes in a second from anybody, if that can bound how fast a sink catches up."""
        return None

    def away(self):
        if self.forgets:
            self.process.send_signal(signal.SIGSTOP)
        else:
            self.end()

    def back(self):
        if self.forgets:
            self.process.send_signal(signal.SIGCONT)
        else:
            self.start()

    def end(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(60)


class Syslog(Counterpart):
    """rsyslog with TLS, a queue on disk, and a file."""

    name = "syslog"

    def settings(self):
        return f'url = "tls://127.0.0.1:{self.port}"\nca_file = "{self.tools / "pki/ca.crt"}"'

    def command(self):
        pki, received = self.tools / "pki", self.home / "received"
        (self.home / "rs.conf").write_text(f"""
global(workDirectory="{self.home}" maxMessageSize="64k" defaultNetstreamDriverCAFile="{pki}/ca.crt"
  defaultNetstreamDriverCertFile="{pki}/server.crt" defaultNetstreamDriverKeyFile="{pki}/server.key")
module(load="imtcp" streamDriver.name="gtls" streamDriver.mode="1" streamDriver.authMode="anon")
template(name="message" type="string" string="%msg%\\n")
ruleset(name="record" queue.type="linkedList" queue.filename="q" queue.saveOnShutdown="on"
  queue.size="100000") {{
  action(type="omfile" file="{received}" template="message")
}}
input(type="imtcp" address="127.0.0.1" port="{self.port}" ruleset="record")
""")
        return ["rsyslogd", "-n", "-f", self.home / "rs.conf", "-i", self.home / "pid"]

    def received(self):
        return [pair(line) for line in (self.home / "received").read_text().splitlines()]


class Redis(Counterpart):
    """Redis that syncs every write, and asks for a password."""

    name = "redis"

    def settings(self):
        secret(self.home / "secret", "open sesame")
        return (f'url = "redis://127.0.0.1:{self.port}"\nstream = "record"\n'
                f'secret_file = "{self.home}/secret"')

    def command(self):
        return ["redis-server", "--port", self.port, "--bind", "127.0.0.1", "--dir", self.home,
                "--save", "", "--appendonly", "yes", "--appendfsync", "always",
                "--requirepass", "open sesame"]

    def away(self):
        # Nothing that it acknowledged may be lost, however it ends.
        self.process.kill()
        self.process.wait(30)

    def received(self):
        words = ["redis-cli", "-p", str(self.port), "--no-auth-warning", "-a", "open sesame",
                 *self.reading()]
        said = subprocess.run([*words, "XRANGE", "record", "-", "+"], check=True, text=True,
                              capture_output=True).stdout.splitlines()
        entries = (said[at:at + 7] for at in range(0, len(said), 7))
        return [(int(entry[2]), entry[4]) for entry in entries]

    def reading(self):
        return []


class Nats(Counterpart):
    """NATS with a stream of JetStream on disk."""

    name = "nats"
    scheme = "nats"

    def settings(self):
        secret(self.home / "secret", "hunter2")
        return (f'url = "nats://127.0.0.1:{self.port}"\nsubject = "audit.record"\n'
                f'user = "ana"\nsecret_file = "{self.home}/secret"')

    def command(self):
        (self.home / "nats.conf").write_text(
            f'listen: "127.0.0.1:{self.port}"\njetstream {{ store_dir: "{self.home}/js" }}\n'
            'authorization { user: ana, password: hunter2 }\n')
        return ["nats-server", "-c", self.home / "nats.conf"]

    def with_stream(self, use):
        import nats

        async def run():
            address = f"{self.scheme}://ana:hunter2@127.0.0.1:{self.port}"
            connection = await nats.connect(address, connect_timeout=20, **self.options())
            try:
                return await use(connection.jetstream())
            finally:
                await connection.close()

        return asyncio.run(run())

    def options(self):
        return {}

    def prepare(self):
        self.with_stream(lambda js: js.add_stream(name="RECORD", subjects=["audit.>"]))

    def received(self):
        async def read(js):
            inbox = await js.subscribe("audit.record", ordered_consumer=True)
            many = (await js.stream_info("RECORD")).state.messages
            messages = [await inbox.next_msg(30) for _ in range(many)]
            for message in messages[:100]:
                assert message.headers["Nats-Msg-Id"] == pair(message.data)[1]
            return [pair(message.data) for message in messages]

        return self.with_stream(read)


class Mosquitto(Counterpart):
    """Mosquitto with a subscriber whose session it keeps."""

    name = "mqtt"

    def settings(self):
        return f'url = "mqtt://127.0.0.1:{self.port}"\ntopic = "audit/record"'

    def command(self):
        (self.home / "m.conf").write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\npersistence true\n"
            f"persistence_location {self.home}/\nmax_queued_messages 0\nmax_inflight_messages 1000\n"
            f"user {pwd.getpwuid(os.geteuid()).pw_name}\n")
        return ["mosquitto", "-c", self.home / "m.conf"]

    def prepare(self):
        from paho.mqtt import client as mqtt
        from paho.mqtt.packettypes import PacketTypes
        from paho.mqtt.properties import Properties

        self.heard = []
        kept = Properties(PacketTypes.CONNECT)
        kept.SessionExpiryInterval = 86400
        subscriber = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, "reader", protocol=mqtt.MQTTv5)
        subscriber.on_message = lambda _c, _u, message: self.heard.append(pair(message.payload))
        subscriber.on_connect = lambda client, *_: client.subscribe("audit/record", qos=1)
        subscriber.reconnect_delay_set(1, 1)
        self.sealed(subscriber)
        subscriber.connect("127.0.0.1", self.port, clean_start=False, properties=kept)
        subscriber.loop_start()
        self.subscriber = subscriber

    def sealed(self, subscriber):
        """In the open."""

    def received(self):
        before = -1
        while before != len(self.heard):
            before = len(self.heard)
            time.sleep(2)
        self.subscriber.loop_stop()
        return list(self.heard)


class RabbitMq(Counterpart):
    """RabbitMQ with a durable queue."""

    name = "amqp"
    user = "rabbitmq"
    patience = 180

    def settings(self):
        secret(self.home / "secret", "guest")
        return (f'url = "amqp://127.0.0.1:{self.port}"\nrouting_key = "record"\n'
                f'user = "guest"\nsecret_file = "{self.home}/secret"')

    def environment(self):
        home = self.home
        (home / "plugins").write_text("[].\n")
        (home / "rabbit.conf").write_text(self.listening())
        loopback = "-kernel inet_dist_use_interface {127,0,0,1}"
        if not hasattr(self, "distribution"):
            self.distribution, self.epmd_port = free_port(), free_port()
            self.epmd = self.spawn(["epmd", "-port", self.epmd_port, "-address", "127.0.0.1"])
        return {
            "RABBITMQ_NODENAME": f"sinks{self.port}@localhost",
            "RABBITMQ_MNESIA_BASE": str(home / "mnesia"), "RABBITMQ_LOG_BASE": str(home / "log"),
            "RABBITMQ_CONFIG_FILE": str(home / "rabbit.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "plugins"),
            "RABBITMQ_DIST_PORT": str(self.distribution), "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(self.epmd_port),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": loopback,
        }

    def listening(self):
        return f"listeners.tcp.local = 127.0.0.1:{self.port}\n"

    def sealed(self):
        return None

    def start(self):
        self.process = self.spawn(["rabbitmq-server"], **self.environment())
        self.answers(self.port)

    def channel(self):
        import pika

        login = pika.PlainCredentials("guest", "guest")
        address = pika.ConnectionParameters("127.0.0.1", self.port, credentials=login,
                                            ssl_options=self.sealed())
        return pika.BlockingConnection(address).channel()

    def prepare(self):
        self.channel().queue_declare("record", durable=True)

    def received(self):
        channel, bodies = self.channel(), []
        for _method, properties, body in channel.consume("record", inactivity_timeout=5):
            if body is None:
                return bodies
            bodies.append(pair(body))
            assert properties.message_id == bodies[-1][1]

    def end(self):
        if self.process and self.process.poll() is None:
            stop = self.spawn(["rabbitmqctl", "shutdown"], **self.environment())
            stop.wait(90)
            self.process.wait(90)

    def close(self):
        self.epmd.terminate()
        self.epmd.wait(10)


class Kafka(Counterpart):
    """What the brokers that speak Kafka's protocol have in common."""

    topic = "record"

    def settings(self):
        return (f'brokers = ["tcp://127.0.0.1:{self.port}"]\ntopic = "{self.topic}"\n'
                'compression = "zstd"')

    def client(self):
        """How another's client comes to it."""
        return {"bootstrap.servers": f"127.0.0.1:{self.port}"}

    def prepare(self):
        from confluent_kafka.admin import AdminClient, NewTopic

        admin = AdminClient(self.client())
        for made in admin.create_topics([NewTopic(self.topic, 1, 1)]).values():
            made.result(60)

    def received(self):
        from confluent_kafka import Consumer, TopicPartition

        consumer = Consumer(self.client() | {"group.id": "reader", "enable.auto.commit": False})
        low, high = consumer.get_watermark_offsets(TopicPartition(self.topic, 0), timeout=30)
        # What a topic's retention removed would be missing without a trace.
        assert low == 0, f"{self.name}: the topic begins with {low}"
        consumer.assign([TopicPartition(self.topic, 0, low)])
        records = []
        # Tansu's end is one short of its last batch: what comes after it is asked for too.
        while some := consumer.consume(500, timeout=10):
            for record in some:
                assert not record.error(), record.error()
                records.append(pair(record.value()))
                assert record.key().decode() == records[-1][1]
        assert len(records) >= high - low, f"{len(records)} of {high - low} records"
        consumer.close()
        return records


class Tansu(Kafka):
    """Tansu, whose storage is its memory."""

    name = "tansu"
    kind = "kafka"
    forgets = True

    def command(self):
        address = f"tcp://127.0.0.1:{self.port}"
        binary = next(self.tools.glob("**/bin/tansu"))
        return [binary, "broker", "--listener-url", address, "--advertised-listener-url", address,
                "--storage-engine", "memory://tansu/"]


class ApacheKafka(Kafka):
    """Apache Kafka, one node of KRaft."""

    name = "kafka"
    patience = 180

    def start(self):
        jars, home = self.tools / "kafka/*", self.home
        java = ["java", "-Xmx512m", "-Dlog4j2.level=ERROR", "-cp", jars]
        if not (home / "server.properties").exists():
            self.controller = free_port()
            (home / "server.properties").write_text(self.properties())
            format_ = self.spawn([*java, "kafka.tools.StorageTool", "format", "-t",
                                  "MkU3OEVBNTcwNTJENDM2Qg", "-c", home / "server.properties",
                                  *self.users()])
            assert format_.wait(120) == 0, "Kafka's storage could not be formatted"
        self.process = self.spawn([*java, "kafka.Kafka", home / "server.properties"])
        self.answers(self.port)

    def properties(self):
        own = f"127.0.0.1:{self.port}"
        return self.everywhere() + (
            f"listeners=PLAINTEXT://{own},CONTROLLER://127.0.0.1:{self.controller}\n"
            f"advertised.listeners=PLAINTEXT://{own}\n")

    def everywhere(self):
        return f"""process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{self.controller}
controller.listener.names=CONTROLLER
log.dirs={self.home}/log
offsets.topic.replication.factor=1
"""

    def users(self):
        return []


class SealedKafka(ApacheKafka):
    """Apache Kafka that speaks TLS alone and asks everybody who they are, in three ways."""

    name = "kafka-sealed"
    password = "open sesame"

    def users(self):
        of = f"[name=ana,password={self.password}]"
        return [word for mechanism in ("SCRAM-SHA-256", "SCRAM-SHA-512")
                for word in ("--add-scram", f"{mechanism}={of}")]

    def properties(self):
        pki, own = self.tools / "pki", f"127.0.0.1:{self.port}"
        both = (pki / "server.key").read_text() + (pki / "server.crt").read_text()
        secret(self.home / "server.pem", both)
        inner, modules = free_port(), "org.apache.kafka.common.security"
        places = f"SEALED://{own},INNER://127.0.0.1:{inner}"
        plain = f'{modules}.plain.PlainLoginModule required user_ana="{self.password}"'
        scram = f"{modules}.scram.ScramLoginModule required"
        return self.everywhere() + f"""advertised.listeners={places}
listeners={places},CONTROLLER://127.0.0.1:{self.controller}
listener.security.protocol.map=SEALED:SASL_SSL,INNER:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=INNER
ssl.keystore.type=PEM
ssl.keystore.location={self.home}/server.pem
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512
listener.name.sealed.plain.sasl.jaas.config={plain};
listener.name.sealed.scram-sha-256.sasl.jaas.config={scram};
listener.name.sealed.scram-sha-512.sasl.jaas.config={scram};
"""


class KafkaScram512(Kafka):
    """A topic of the sealed broker, whom we tell by SCRAM-SHA-512 who we are. What is away is the
    broker, with all its topics."""

    name = "kafka-scram-512"
    kind = "kafka"
    mechanism = "SCRAM-SHA-512"
    broker = None

    def __init__(self, tools, run):
        super().__init__(tools, run)
        if KafkaScram512.broker is None:
            KafkaScram512.broker = SealedKafka(tools, run)
        self.port, self.topic = self.broker.port, self.name

    def settings(self):
        secret(self.home / "secret", self.broker.password)
        return (super().settings().replace("tcp://", "tls://") + trust(self)
                + f'\nsasl = "{self.mechanism.lower()}"\nuser = "ana"\n'
                f'secret_file = "{self.home}/secret"')

    def client(self):
        return super().client() | {
            "security.protocol": "SASL_SSL", "ssl.ca.location": str(self.tools / "pki/ca.crt"),
            "sasl.mechanism": self.mechanism, "sasl.username": "ana",
            "sasl.password": self.broker.password}

    def start(self):
        if self.broker.process is None or self.broker.process.poll() is not None:
            self.broker.start()

    def prepare(self):
        super().prepare()
        # Who does not know the password is not let in.
        secret(self.home / "wrong", "open barley")
        table = (f'[[sink]]\nname = "stranger"\nkind = "kafka"\n'
                 + self.settings().replace(f"{self.home}/secret", f"{self.home}/wrong"))
        (self.home / "stranger.toml").write_text(table)
        words = [self.binary, "audit", "sink", "test", "stranger", "--sinks",
                 self.home / "stranger.toml"]
        done = subprocess.run(words, capture_output=True, text=True, timeout=120)
        said = f"{done.stdout}{done.stderr}"
        assert done.returncode != 0 and "error 58" in said, said

    def end(self):
        self.broker.end()


class KafkaScram256(KafkaScram512):
    """The same by SCRAM-SHA-256."""

    name = "kafka-scram-256"
    mechanism = "SCRAM-SHA-256"


class KafkaPlain(KafkaScram512):
    """The same by the password itself."""

    name = "kafka-plain"
    mechanism = "PLAIN"


class Otlp(Counterpart):
    """An OpenTelemetry collector: its receiver of OTLP over HTTP with TLS, and its
    exporter to a file."""

    name = "otlp"

    def settings(self):
        return f'url = "https://127.0.0.1:{self.port}"\ncompression = "gzip"' + trust(self)

    def command(self):
        pki = self.tools / "pki"
        (self.home / "collector.yaml").write_text(f"""receivers:
  otlp:
    protocols:
      http:
        endpoint: 127.0.0.1:{self.port}
        tls: {{cert_file: {pki}/server.crt, key_file: {pki}/server.key}}
exporters:
  file: {{path: {self.home}/received, append: true}}
service:
  telemetry: {{metrics: {{level: none}}}}
  pipelines:
    logs: {{receivers: [otlp], exporters: [file]}}
""")
        return [self.tools / "collector", "--config", f"file:{self.home}/collector.yaml"]

    def received(self):
        pairs = []
        for line in (self.home / "received").read_text().splitlines():
            for resource in json.loads(line)["resourceLogs"]:
                for scope in resource["scopeLogs"]:
                    pairs += [self.record(record) for record in scope["logRecords"]]
        return pairs

    def record(self, record):
        said = {one["key"]: one["value"] for one in record["attributes"]}
        assert json.loads(record["body"]["stringValue"])["entry"], record
        return (int(said["strongroom.leaf.index"]["intValue"]),
                said["strongroom.leaf.id"]["stringValue"])


class Osmem(Counterpart):
    """The `_bulk` of osmem-server, which keeps documents in memory."""

    name = "elasticsearch"
    forgets = True
    # By itself, however it is fed, it takes few such documents a second: see `alone`.
    requests_a_second = 50
    by_itself = True

    def settings(self):
        return f'url = "http://127.0.0.1:{self.port}"\nindex = "record"'

    def command(self):
        binary = next(self.tools.glob("**/osmem-server"))
        return [binary, "-addr", f"127.0.0.1:{self.port}", "-no-stdin-watch"]

    def prepare(self):
        self.make("record")

    def make(self, index):
        """With the fields of our template: else each word is analysed as text, which is most of
        its work."""
        template = Path(__file__).resolve().parents[3] / "docs/sinks/elasticsearch-template.json"
        mappings = json.loads(template.read_text())["template"]["mappings"]
        # It does not know `flattened`.
        mappings["properties"]["checks"]["properties"]["context"] = {
            "type": "object", "enabled": False}
        self.ask("PUT", f"/{index}", json.dumps({"mappings": mappings}))

    def ask(self, method, path, body, kind="application/json"):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, path, body, {"content-type": kind})
        return json.loads(connection.getresponse().read())

    def found(self, first, size):
        query = {"query": {"range": {"index": {"gte": first, "lt": first + size}}},
                 "size": size + 1, "sort": [{"index": "asc"}]}
        return self.ask("POST", "/record/_search", json.dumps(query))["hits"]["hits"]

    def alone(self):
        """How many of the same documents it takes in a second from the standard library of another
        language, a thousand at a time, with nobody else speaking to it."""
        documents = [hit["_source"] for hit in self.found(0, 1000)]
        self.make("alone")
        seconds = 0
        for time_ in range(3):
            lines = [line for number, document in enumerate(documents) for line in (
                json.dumps({"create": {"_index": "alone", "_id": f"{time_}-{number}"}}),
                json.dumps(document))]
            body = "\n".join(lines) + "\n"
            began = time.monotonic()
            said = self.ask("POST", "/_bulk", body, "application/x-ndjson")
            seconds += time.monotonic() - began
            assert not said["errors"], said["items"][0]
        return 3 * len(documents) / seconds

    def received(self):
        """Documents know no order; an id is there once."""
        found, size, first = [], 1000, 0
        while hits := self.found(first, size):
            found += [(hit["_source"]["index"], hit["_id"]) for hit in hits]
            first += size
        return found


class Splunk(Counterpart):
    """A collector of ours, written to Splunk's documentation."""

    name = "splunk"

    def settings(self):
        secret(self.home / "secret", hec.TOKEN)
        return (f'url = "http://127.0.0.1:{self.port}"\nsecret_file = "{self.home}/secret"\n'
                'compression = "gzip"\nconfirm = "indexed"')

    def start(self):
        if not hasattr(self, "events"):
            self.events = []
        self.server = hec.serve(self.port, self.events)

    def prepare(self):
        """Another's client finds it to be what it knows."""
        import logging

        from splunk_hec_handler import SplunkHecHandler

        logger = logging.Logger("another")
        logger.addHandler(SplunkHecHandler("127.0.0.1", hec.TOKEN, port=self.port, proto="http"))
        logger.warning({"who": "another"})
        until = time.monotonic() + 20
        while not self.events and time.monotonic() < until:
            time.sleep(0.1)
        assert self.events[0]["event"]["who"] == "another", self.events
        self.events.clear()

    def end(self):
        if getattr(self, "server", None):
            hec.end(self.server)
            self.server = None

    def received(self):
        return [(event["fields"]["leaf_index"], event["fields"]["leaf_id"])
                for event in self.events]


class Postgres(Counterpart):
    """PostgreSQL, which asks for a password by SCRAM; over TLS."""

    name = "postgres"
    user = "postgres"

    def settings(self):
        secret(self.home / "secret", "open sesame")
        return (f'url = "postgress://127.0.0.1:{self.port}"\nca_file = "{self.tools}/pki/ca.crt"\n'
                f'database = "postgres"\nuser = "postgres"\nsecret_file = "{self.home}/secret"')

    def command(self):
        programs, data, pki = Path("/usr/lib/postgresql/15/bin"), self.home / "data", self.home
        if not data.exists():
            for file in ("server.crt", "server.key"):
                shutil.copy(self.tools / "pki" / file, pki / file)
                shutil.chown(pki / file, self.user)
                (pki / file).chmod(0o600)
            shutil.chown(self.home / "secret", self.user)
            words = [programs / "initdb", "-D", data, "-U", "postgres", "--auth=scram-sha-256",
                     f"--pwfile={self.home}/secret"]
            assert self.spawn(words).wait(120) == 0, "initdb failed"
        set_ = {"port": self.port, "listen_addresses": "127.0.0.1", "ssl": "on",
                "unix_socket_directories": self.home, "ssl_cert_file": pki / "server.crt",
                "ssl_key_file": pki / "server.key"}
        return [programs / "postgres", "-D", data,
                *(word for name, value in set_.items() for word in ("-c", f"{name}={value}"))]

    def away(self):
        # Nothing that it committed may be lost, however it ends.
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(30)

    def received(self):
        import psycopg2

        connection = psycopg2.connect(host="127.0.0.1", port=self.port, user="postgres",
                                      password="open sesame", dbname="postgres")
        with connection, connection.cursor() as rows:
            rows.execute("SELECT leaf_index, id FROM strongroom_audit ORDER BY place")
            return rows.fetchall()


def secret(file, text):
    file.write_text(text)
    file.chmod(0o600)


class RedisTls(Redis):
    """The same over TLS."""

    name = "redis-tls"
    kind = "redis"

    def settings(self):
        return super().settings().replace("redis://", "rediss://") + trust(self)

    def command(self):
        pki = self.tools / "pki"
        words = [word for word in super().command() if word not in ("--port", self.port)]
        return [*words, "--port", "0", "--tls-port", self.port, "--tls-cert-file", pki / "server.crt",
                "--tls-key-file", pki / "server.key", "--tls-ca-cert-file", pki / "ca.crt",
                "--tls-auth-clients", "no"]

    def reading(self):
        return ["--tls", "--cacert", str(self.tools / "pki/ca.crt")]


class NatsTls(Nats):
    """The same over TLS."""

    name = "nats-tls"
    kind = "nats"
    scheme = "tls"

    def settings(self):
        return super().settings().replace("nats://", "tls://") + trust(self)

    def command(self):
        words, pki = super().command(), self.tools / "pki"
        with open(self.home / "nats.conf", "a") as conf:
            conf.write(f'tls {{ cert_file: "{pki}/server.crt", key_file: "{pki}/server.key" }}\n')
        return words

    def options(self):
        return {"tls": ssl.create_default_context(cafile=self.tools / "pki/ca.crt")}


class MosquittoTls(Mosquitto):
    """The same over TLS."""

    name = "mqtt-tls"
    kind = "mqtt"

    def settings(self):
        return super().settings().replace("mqtt://", "mqtts://") + trust(self)

    def command(self):
        words, pki = super().command(), self.tools / "pki"
        with open(self.home / "m.conf", "a") as conf:
            conf.write(f"certfile {pki}/server.crt\nkeyfile {pki}/server.key\n")
        return words

    def sealed(self, subscriber):
        subscriber.tls_set(str(self.tools / "pki/ca.crt"))


class RabbitMqTls(RabbitMq):
    """The same over TLS."""

    name = "amqp-tls"
    kind = "amqp"

    def settings(self):
        return super().settings().replace("amqp://", "amqps://") + trust(self)

    def listening(self):
        for file in ("ca.crt", "server.crt", "server.key"):
            shutil.copy(self.tools / "pki" / file, self.home / file)
            if os.geteuid() == 0:
                shutil.chown(self.home / file, self.user)
        return (f"listeners.tcp = none\nlisteners.ssl.local = 127.0.0.1:{self.port}\n"
                f"ssl_options.cacertfile = {self.home}/ca.crt\n"
                f"ssl_options.certfile = {self.home}/server.crt\n"
                f"ssl_options.keyfile = {self.home}/server.key\n")

    def sealed(self):
        import pika

        context = ssl.create_default_context(cafile=self.tools / "pki/ca.crt")
        return pika.SSLOptions(context, "127.0.0.1")


class Bucket(Counterpart):
    """A bucket of another server of ours: objects that come twice are written over."""

    name = "s3"

    def settings(self):
        secret(self.home / "secret", s3.SECRET)
        return (f'url = "http://127.0.0.1:{self.port}"\nbucket = "record"\nprefix = "one/"\n'
                f'access_key_id = "{s3.KEY}"\nsecret_file = "{self.home}/secret"\n'
                'compression = "zstd"\nseconds = 0')

    def start(self):
        self.process = self.spawn(
            [self.binary, "server", self.home / "data", "--listen", f"127.0.0.1:{self.port}",
             "--ops-listen", "127.0.0.1:0"], **s3.ENVIRONMENT)
        self.answers(self.port)

    def prepare(self):
        s3.send(f"http://127.0.0.1:{self.port}", "PUT", "/record")

    def away(self):
        # Nothing that it acknowledged may be lost, however it ends.
        self.process.kill()
        self.process.wait(30)

    def received(self):
        endpoint, pairs = f"http://127.0.0.1:{self.port}", []
        for key in s3.keys(endpoint, "record"):
            read = subprocess.run(["zstd", "-dc"], input=s3.send(endpoint, "GET", f"/record/{key}"),
                                  capture_output=True, check=True).stdout
            lines = [pair(line) for line in read.splitlines()]
            first = f"one/{lines[0][0]:020}.jsonl.zst"
            assert key == first, f"{key} begins with leaf {lines[0][0]}"
            pairs += lines
        return pairs


def trust(counterpart):
    return f'\nca_file = "{counterpart.tools}/pki/ca.crt"'


ALL = [Syslog, Redis, RedisTls, Nats, NatsTls, Mosquitto, MosquittoTls, RabbitMq, RabbitMqTls, Tansu,
       ApacheKafka, KafkaScram512, KafkaScram256, KafkaPlain, Otlp, Postgres, Osmem, Splunk, Bucket]
