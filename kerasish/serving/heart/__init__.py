"""What is served and when: versions, leases, batches, threads. Nothing here knows of HTTP."""
