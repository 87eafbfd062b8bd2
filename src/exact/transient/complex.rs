//! Complex numbers: the few operations that transforms need.

use std::ops::{Add, Mul, Sub};

/// A complex number.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Complex {
    pub(crate) re: f64,
    pub(crate) im: f64,
}

impl Complex {
    pub(crate) const ONE: Self = Self { re: 1.0, im: 0.0 };

    pub(crate) fn new(re: f64, im: f64) -> Self {
        Self { re, im }
    }

    pub(crate) fn real(re: f64) -> Self {
        Self { re, im: 0.0 }
    }

    /// `e^self`, by `libm`: the same bits on every machine.
    pub(crate) fn exp(self) -> Self {
        let size = libm::exp(self.re);
        Self { re: size * libm::cos(self.im), im: size * libm::sin(self.im) }
    }

    /// `1 / self`, scaled by the larger part (Smith 1962), so that no square leaves the range.
    pub(crate) fn inverse(self) -> Self {
        if self.re.abs() >= self.im.abs() {
            let ratio = self.im / self.re;
            let size = 1.0 / (self.re + self.im * ratio);
            Self { re: size, im: -ratio * size }
        } else {
            let ratio = self.re / self.im;
            let size = 1.0 / (self.re * ratio + self.im);
            Self { re: ratio * size, im: -size }
        }
    }

    pub(crate) fn times(self, factor: f64) -> Self {
        Self { re: self.re * factor, im: self.im * factor }
    }

    pub(crate) fn conjugate(self) -> Self {
        Self { re: self.re, im: -self.im }
    }

    /// |re| + |im|: between the absolute value and 1.5 times that.
    pub(crate) fn size(self) -> f64 {
        self.re.abs() + self.im.abs()
    }
}

impl Add for Complex {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { re: self.re + other.re, im: self.im + other.im }
    }
}

impl Sub for Complex {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self { re: self.re - other.re, im: self.im - other.im }
    }
}

impl Mul for Complex {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        Self { re: self.re * other.re - self.im * other.im, im: self.re * other.im + self.im * other.re }
    }
}
