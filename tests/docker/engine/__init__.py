"""
What stands in for Docker and for a cluster where there is none: programs `docker` and `kubectl` that know the commands
of the pages, and refuse all others.

They read compose files, Dockerfile and manifests themselves, and run the command of each service or pod as a process of
this machine, with its own environment, in a folder that holds just the code of its image. A container's network is a
loopback address of its own, its root is nothing but a way of writing paths, and its libraries are those of the tests.

So what they cannot tell of: how images are built (`make images` does), users, rights and limits of containers, networks
that keep somebody out, and programs that are not here, such as Caddy and Prometheus.
"""
