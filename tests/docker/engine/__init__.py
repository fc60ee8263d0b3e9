"""
What stands in for Docker where there is none: a program `docker` that knows the commands of the pages, and refuses all
others.

It reads the compose files and the Dockerfile itself, and runs each service's own command as a process of this machine,
with that service's environment, in a folder that holds just the code of its image. A container's network is a loopback
address of its own, its root is nothing but a way of writing paths, and its libraries are those of the tests.

So what it cannot tell of: how images are built (`make images` does), users, rights and limits of containers, networks
that keep somebody out, and programs that are not here, such as Caddy and Prometheus.
"""
