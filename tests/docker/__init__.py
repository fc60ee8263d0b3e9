"""Tests of what an operator deploys: images, compose file, manifests, dashboard and alert rules."""
