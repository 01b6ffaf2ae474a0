"""Writes docs/clients.md: the table client × operation × credential."""

from catalogue import KINDS
from job import OPERATIONS

INTRODUCTION = """\
# Clients

Written by `cargo xtask conformance clients`, which installs each of these clients from its registry and
has it do its job, unmodified, against a started server: with the keys of an IAM user (static), with
what `AssumeRole` made of them (session), and with an OpenID provider's token that the client itself
exchanges by `AssumeRoleWithWebIdentity` (web identity). It found the credential where its users keep it:
in the `AWS_…` environment variables, where it knows them. By the record, every request came from the
principal of that credential. What is read back is compared with what was sent; what each operation
asks is in `conformance/clients/job.py`.

**ok**: with every kind of credential that the client offers · **–**: the client does not offer that ·
**FAILED**: look into it. A number is a remark below the table.
"""


def page(clients, outcomes):
    """The page, of what came of each client and kind."""
    notes = Notes()
    lines = [INTRODUCTION, _row("client", "version", *KINDS, *OPERATIONS)]
    lines.append("|" + "---|" * (2 + len(KINDS) + len(OPERATIONS)))
    for client in clients:
        of = {kind: outcomes[client.name, kind] for kind in KINDS if (client.name, kind) in outcomes}
        if not of:
            continue
        version = next((one.version for one in of.values() if one.version), "?")
        offered = {kind: one for kind, one in of.items() if not _lacks_all(one)}
        kinds = [_kind(of.get(kind), notes) for kind in KINDS]
        marks = [_mark(name, offered, notes) for name in OPERATIONS]
        title = f"**{client.name}**, {client.about}"
        lines.append(_row(title, version, *kinds, *marks))
    lines.append("")
    lines += [f"{number}. {text[0].upper()}{text[1:]}." for text, number in notes.of.items()]
    return "\n".join(lines) + "\n"


class Notes:
    """Reasons, each with a number."""

    def __init__(self):
        self.of = {}

    def mark(self, reason):
        """The number of a reason."""
        return f"({self.of.setdefault(reason.rstrip('.'), len(self.of) + 1)})"


def _lacks_all(outcome):
    return all(what == "lacks" for what, _ in outcome.told.values())


def _kind(outcome, notes):
    if outcome is None:
        return "FAILED"
    if _lacks_all(outcome):
        return "– " + notes.mark(next(iter(outcome.told.values()))[1])
    return "FAILED" if outcome.failures() else "ok"


def _mark(operation, offered, notes):
    told = {kind: one.told[operation] for kind, one in offered.items()}
    failed = [kind for kind, (what, _) in told.items() if what == "failed"]
    if failed or not told:
        return f"FAILED ({', '.join(failed)})"
    lacking = sorted({reason for what, reason in told.values() if what == "lacks"})
    remarks = sorted({reason for _, reason in told.values() if reason})
    return " ".join(["–" if lacking else "ok", *map(notes.mark, lacking or remarks)])


def _row(*cells):
    return f"| {' | '.join(cells)} |"
