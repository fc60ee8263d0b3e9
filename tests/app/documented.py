"""The request bodies of the API document, verbatim."""

SINGLE = """{
  "to_number": "+1234567890",
  "from_number": "+1987654321",
  "webhook_url": "https://your-domain.com/api/v1/twilio/incoming-call",
  "status_callback_url": "https://your-domain.com/api/v1/twilio/call-status",
  "call_metadata": {
    "customer_id": "12345",
    "call_type": "follow_up",
    "agent_id": "agent_001",
    "priority": "normal",
    "custom_data": {
      "campaign": "winter_2024"
    }
  },
  "delay_seconds": 10
}"""

SINGLE_CURL_WITH_TRAILING_COMMA = """{
    "to_number": "+1234567890",
    "call_metadata": {
      "customer_id": "12345",
      "call_type": "test_call",
      "message": "This is a test call from Celery Twilio API",
      "voice": "alice",
      "language": "en-US",
    },
    "delay_seconds": 10
  }"""

SINGLE_MANUAL_CURL = '{"to_number": "+1234567890", "delay_seconds": 10}'

BULK = """{
  "phone_numbers": [
    "+1234567890",
    "+1234567891",
    "+1234567892",
    "+1234567893"
  ],
  "from_number": "+1987654321",
  "webhook_url": "https://your-domain.com/api/v1/twilio/incoming-call",
  "status_callback_url": "https://your-domain.com/api/v1/twilio/call-status",
  "call_metadata": {
    "campaign_id": "campaign_001",
    "call_type": "survey",
    "agent_id": "agent_002",
    "priority": "normal"
  },
  "delay_between_calls": 30,
  "max_concurrent_calls": 3
}"""

BULK_CURL = """{
    "phone_numbers": ["+1234567890", "+1234567891"],
    "call_metadata": {
      "campaign_id": "test_campaign",
      "call_type": "survey"
    },
    "delay_between_calls": 30
  }"""

BULK_MANUAL_CURL = '{"phone_numbers": ["+1234567890", "+1234567891"]}'

SCHEDULE = """{
  "to_number": "+1234567890",
  "from_number": "+1987654321",
  "webhook_url": "https://your-domain.com/api/v1/twilio/incoming-call",
  "status_callback_url": "https://your-domain.com/api/v1/twilio/call-status",
  "call_metadata": {
    "customer_id": "67890",
    "call_type": "appointment_reminder",
    "agent_id": "agent_003"
  },
  "schedule_time": "2024-01-15T14:00:00Z",
  "timezone": "Asia/Kolkata"
}"""

SCHEDULE_CURL = """{
    "to_number": "+1234567890",
    "schedule_time": "2024-01-15T14:00:00Z",
    "call_metadata": {
      "customer_id": "67890",
      "call_type": "reminder"
    }
  }"""

#: The time of both schedule bodies, which has passed since the document was written.
SCHEDULE_TIME = "2024-01-15T14:00:00Z"
