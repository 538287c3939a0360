"""django-allauth, headless, with the least of Django around it."""
