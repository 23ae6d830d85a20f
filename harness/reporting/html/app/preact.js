// @ts-check
// The view library, vendored: a classic script that stands before these modules makes it a global.

export const {
  html, render, createContext, useContext, useEffect, useLayoutEffect, useMemo, useRef, useState,
} = globalThis.htmPreact;
