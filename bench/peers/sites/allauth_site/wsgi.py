"""For gunicorn."""

from django.core.wsgi import get_wsgi_application

from bench.peers.inside import count_hashes, counting_wsgi

count_hashes()
application = counting_wsgi(get_wsgi_application())
