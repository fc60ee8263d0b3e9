"""What every process of web tier and workers needs: settings, connections to Redis, logs, liveness, spans."""
