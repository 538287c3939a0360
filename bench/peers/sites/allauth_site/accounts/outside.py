"""Mail that stays on this machine, and argon2 with the parameters of the run."""

import os

from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.mail.backends.base import BaseEmailBackend

from bench.peers.inside import hand_over


class Hasher(Argon2PasswordHasher):
    memory_cost, time_cost, parallelism = map(int, os.environ["PEER_HASH"].split(","))


class Mails(BaseEmailBackend):
    def send_messages(self, messages):
        for message in messages:
            hand_over(message.to[0], message.body)
        return len(messages)
