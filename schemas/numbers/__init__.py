"""What is to be known of numbers: which help in need, and what stands before one within its country."""
