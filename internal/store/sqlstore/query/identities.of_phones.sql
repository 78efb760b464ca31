SELECT session, hidden, phone, first_at, last_at FROM identities /*index identities_phone*/ WHERE /*keys phone*/
