/** User agents of common browsers. */

const CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0";
const SAFARI = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0";

export const CHROME_WINDOWS = `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${CHROME} Safari/537.36`;
export const CHROME_MAC = `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${CHROME} Safari/537.36`;
export const CHROME_LINUX = `Mozilla/5.0 (X11; Linux x64) ${CHROME} Safari/537.36`;
export const CHROME_ANDROID = `Mozilla/5.0 (Linux; Android 14; Pixel 8) ${CHROME} Mobile Safari/537.36`;
export const EDGE_WINDOWS = `${CHROME_WINDOWS} Edg/140.0.0.0`;
export const FIREFOX_WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0";
export const SAFARI_MAC = `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${SAFARI} Safari/605.1.15`;
export const SAFARI_IPHONE = `Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) ${SAFARI} Mobile/15E148 Safari/604.1`;
export const SAFARI_IPAD = `Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) ${SAFARI} Safari/604.1`;
