UPDATE chats SET nomor_lead = ? WHERE session = ? AND chat_id IN (?) /*list*/
