"""The French pages, rendered here: markup, forms and cookies."""
