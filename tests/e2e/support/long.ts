/** Why a test that takes many minutes is left out, unless it is asked for. */
export const notAskedFor =
  process.env.MATRIARCH_LONG === '1' ? false : 'takes many minutes: MATRIARCH_LONG=1 npm test -- FILE runs it';
