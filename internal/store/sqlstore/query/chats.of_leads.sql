SELECT chat_id, chat_id, nomor_lead FROM chats WHERE /*keys nomor_lead*/
