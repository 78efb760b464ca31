SELECT DISTINCT nomor_lead FROM chats WHERE session = ? AND nomor_lead > ? ORDER BY nomor_lead LIMIT ?
