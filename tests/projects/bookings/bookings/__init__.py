"""Rooms that are booked."""
