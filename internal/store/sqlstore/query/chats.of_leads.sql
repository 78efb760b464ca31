SELECT chat_id, chat_id, nomor_lead FROM chats /*index chats_lead*/ WHERE /*keys nomor_lead*/
