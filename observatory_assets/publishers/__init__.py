"""One client per publisher's wire protocol. A client speaks HTTP through resources.http and knows no dataset."""
