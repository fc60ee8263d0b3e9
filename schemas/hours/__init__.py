"""When a call may leave: windows of local time, and the instants at which they are open."""
