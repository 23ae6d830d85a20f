// @ts-check
// A small cache.

/**
 * Keeps the values that were used last; one that failed is made again at the next use.
 *
 * @template T
 */
export class RecentlyUsed {
  /**
   * @param {number} most
   * @param {(key: string) => Promise<T>} make
   */
  constructor(most, make) {
    this.most = most;
    this.make = make;
    /** @type {Map<string, Promise<T>>} */
    this.values = new Map();
  }

  /**
   * @param {string} key
   * @returns {Promise<T>}
   */
  get(key) {
    const value = this.values.get(key) ?? this.made(key);
    this.values.delete(key);
    this.values.set(key, value);
    if (this.values.size > this.most) this.values.delete(/** @type {string} */ (this.values.keys().next().value));
    return value;
  }

  /** @param {string} key */
  made(key) {
    const value = this.make(key);
    value.catch(() => { if (this.values.get(key) === value) this.values.delete(key); });
    return value;
  }
}
