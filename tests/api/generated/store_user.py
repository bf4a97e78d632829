# SPDX-License-Identifier: Apache-2.0
"""The service works with the Redis user that deploy/redis recommends, and that user can do nothing else."""
import os
import sys

from case_file import Failed, Run
from generated import related, retention
from generated.webhooks import need
from wire import call

PASSWORD = "only-for-this-test"
# What a stolen password must not give: other keys, other data, the server itself.
REFUSED = (("FLUSHALL",), ("FLUSHDB",), ("KEYS", "*"), ("SCAN", "0"), ("RANDOMKEY",), ("CONFIG", "SET", "appendfsync", "no"),
           ("CONFIG", "RESETSTAT"), ("SHUTDOWN", "NOSAVE"), ("EVAL", "return 1", "0"), ("FUNCTION", "FLUSH"), ("FUNCTION", "LIST"),
           ("FUNCTION", "DELETE", "rapporteur"), ("SCRIPT", "FLUSH"), ("ACL", "LIST"), ("ACL", "SETUSER", "x"),
           ("MONITOR",), ("CLIENT", "LIST"), ("CLIENT", "KILL", "TYPE", "normal"), ("SAVE",), ("BGREWRITEAOF",), ("REPLICAOF", "NO", "ONE"),
           ("DUMP", "{s00}:meta"), ("RENAME", "{s00}:meta", "{s00}:x"), ("MIGRATE", "127.0.0.1", "1", "{s00}:meta", "0", "1"),
           ("EXPIRE", "{s00}:meta", "1"), ("COPY", "{s00}:meta", "{s00}:x"), ("SORT", "{s00}:recent"), ("SUBSCRIBE", "x"),
           ("PUBLISH", "x", "y"), ("MODULE", "LIST"), ("SLOWLOG", "GET"), ("SWAPDB", "0", "1"), ("MULTI",),
           ("GET", "other"), ("SET", "other", "1"), ("DEL", "other"), ("HGETALL", "s00"), ("XTRIM", "other", "MAXLEN", "0"))


def start_server(suite):
    sys.path.insert(0, os.path.join(suite.source, "tests", "redis"))
    import farm                                         # the servers of the store's own tests
    with open(os.path.join(suite.source, "deploy", "redis", "rapporteur.conf"), encoding="utf-8") as conf:
        user = conf.read().replace("CHANGE-ME", PASSWORD)
    servers = farm.Farm()
    return farm, servers, servers.add(user)


def works(suite, service, server):
    wrong = []
    for folder in ("claims", "decisions", "reports"):
        top = os.path.join(suite.source, "tests", "api", "cases", folder)
        for name in sorted(os.listdir(top)):
            with open(os.path.join(top, name), encoding="utf-8") as file:
                lines = file.read().split("\n") + [""]
            if not any(line.startswith("service: ") for line in lines):
                try:
                    Run(service, os.path.join(top, name)).run(lines)
                except Failed as error:
                    wrong.append("%s: %s" % (name, error))
    for test in (retention.author_is_forgotten, retention.reporter_is_forgotten, retention.hold_is_kept_and_released,
                 related.addresses_and_files, related.pictures):
        test(service)
    for method, path, who, body in (("GET", "/v1/queues", "senior", None), ("GET", "/v1/notices", "partner", None),
                                    ("PUT", "/v1/webhooks", "partner", {"url": "https://hooks.example/"}),
                                    ("DELETE", "/v1/webhooks", "partner", None), ("GET", "/v1/keys", "admin", None)):
        answer = call(service.port, method, path, service.keys[who], body)
        wrong += ["%s %s: %s" % (method, path, answer)] if answer.status >= 400 else []
    denied = [dict(zip(one[::2], one[1::2])) for one in server.command("ACL", "LOG")]
    return wrong + ["denied: %s %s" % (one["context"], one["object"]) for one in denied]


def can_do_nothing_else(farm, server):
    wrong = []
    connection = farm.Connection(server.port)
    connection.command("AUTH", "rapporteur", PASSWORD)
    need(int(connection.command("XLEN", "{s00}:log")) >= 0, "its own keys")
    for words in REFUSED:
        try:
            wrong.append("%s: %s" % (" ".join(words), connection.command(*words)))
        except farm.RedisError as error:
            wrong += [] if str(error).startswith("NOPERM") else ["%s: %s" % (" ".join(words), error)]
    connection.close()
    try:
        farm.Connection(server.port).command("AUTH", "rapporteur", "CHANGE-ME")
        wrong.append("the password of the file is good")
    except farm.RedisError:
        pass
    return wrong


def run(suite):
    farm, servers, server = start_server(suite)
    with servers:
        url = "url: redis://rapporteur:%s@127.0.0.1:%d" % (PASSWORD, server.port)
        service = suite.new_service("store-user", {"store": [url]})
        suite.guard("store user: the service does all its work as the user of deploy/redis", lambda: works(suite, service, server))
        suite.guard("store user: %d other commands are refused" % len(REFUSED), lambda: can_do_nothing_else(farm, server))
        suite.guard("store user: the service ends well", service.stop)
        suite.services.pop("store-user", None)
