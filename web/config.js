export const api = "http://localhost:8081";
export const uploads = "http://localhost:8084";
export const memes = "http://localhost:8085";
