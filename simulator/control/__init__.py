"""What is not Twilio's: orders and questions of tests, and the page for a person."""
