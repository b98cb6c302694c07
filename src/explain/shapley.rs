//! How the move of a parent from one profile to another is shared out among its children.

use crate::index::{Branch, Room};

/// What one child gives to the move of its parent.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Share {
    /// In points of the parent.
    pub(super) points: f64,
    /// Points of the parent for one of the child, averaged over the orders; only of children that are asked about.
    pub(super) slope: f64,
}

/// Up to so many children that count, every coalition is looked at.
const MOST_EXACT: usize = 16;
/// Above it, so many orders are drawn, and each is walked in both directions.
const PAIRS: usize = 1024;
/// Moves smaller than this share of the child, over the exponent, have their slope from the derivative.
const NEAR: f64 = 1e-3;

/// The Shapley value of every child, for the parent's mean with some children at `to` and the rest at `from`.
///
/// **Formula** an arithmetic parent gives w (to − from). Any other gives the mean over all orders of the children of
/// M(those before, and this one, at `to`) − M(those before at `to`): summed over all coalitions up to 16 children that
/// count, and above that over 1,024 orders of a fixed seed, each taken forwards and backwards. Either way the points
/// sum to the move of the parent.
///
/// The slope is points/(to − from) where the child moves. Where it hardly does, that quotient has no digits left, and
/// the mean over the same coalitions of the derivative's average between the two values stands for it, by Gauss and
/// Legendre with two nodes.
pub(super) fn shares(node: &Branch, children: &[Child]) -> Vec<Share> {
    if node.is_arithmetic() {
        let total: f64 = node.children().iter().map(|(_, weight)| weight).sum();
        let share = |(child, (_, weight)): (&Child, &(usize, f64))| Share {
            points: weight / total * (child.to - child.from),
            slope: weight / total,
        };
        return children.iter().zip(node.children()).map(share).collect();
    }
    let mut game = Game::new(node, children);
    if game.players.len() <= MOST_EXACT {
        game.exact();
    } else {
        game.drawn();
    }
    game.finish()
}

/// A child between two values.
#[derive(Debug, Clone, Copy)]
pub(super) struct Child {
    pub(super) from: f64,
    pub(super) to: f64,
    /// Whether its slope is wanted.
    pub(super) has_children: bool,
}

/// A child that counts: it moves its parent, or it has children of its own that may.
#[derive(Debug, Clone, Copy)]
struct Player {
    /// Among the children.
    at: usize,
    weight: f64,
    /// From the floor up.
    from: f64,
    to: f64,
    /// Moves so little that its slope is a derivative.
    is_near: bool,
}

struct Game<'a> {
    node: &'a Branch,
    children: &'a [Child],
    players: Vec<Player>,
    /// The values of the children; those before in the order are at `to`.
    values: Vec<f64>,
    shares: Vec<Share>,
    room: Room,
}

impl<'a> Game<'a> {
    fn new(node: &'a Branch, children: &'a [Child]) -> Self {
        let floor = node.floor();
        let players = children.iter().zip(node.children()).enumerate().map(|(at, (child, (_, weight)))| {
            let (from, to) = (child.from.max(floor), child.to.max(floor));
            let near = NEAR / node.bend() * from.abs().max(to.abs());
            let is_near = child.has_children && (to - from).abs() <= near;
            Player { at, weight: *weight, from, to, is_near }
        });
        Self {
            node,
            children,
            players: players.filter(|p| p.weight > 0.0 && (p.is_near || p.from != p.to)).collect(),
            values: children.iter().map(|child| child.from).collect(),
            shares: vec![Share::default(); children.len()],
            room: Room::default(),
        }
    }

    fn set(&mut self, player: Player, value: f64) {
        if let Some(cell) = self.values.get_mut(player.at) {
            *cell = value;
        }
    }

    fn mean(&mut self) -> f64 {
        self.node.mean(self.values.iter().copied(), &mut self.room)
    }

    fn add(&mut self, player: Player, weight: f64, marginal: f64) {
        let slope = if player.is_near { weight * self.near_slope(player) } else { 0.0 };
        if let Some(share) = self.shares.get_mut(player.at) {
            share.points += weight * marginal;
            share.slope += slope;
        }
    }

    /// The average of the derivative while the others stand where they are; 0 where it has no bound, at 0.
    fn near_slope(&mut self, player: Player) -> f64 {
        let Some(before) = self.values.get(player.at).copied() else { return 0.0 };
        let (middle, half) = (f64::midpoint(player.from, player.to), (player.to - player.from) / 2.0);
        let mut sum = 0.0;
        for node in [-1.0, 1.0] {
            let x = middle + node * half / 3f64.sqrt();
            self.set(player, x);
            let slope = self.node.slope(self.values.iter().copied(), player.at, &mut self.room);
            sum += if slope.is_finite() { slope / 2.0 } else { 0.0 };
        }
        self.set(player, before);
        sum
    }

    /// Every coalition. Its weight is 1/(n · (n − 1 choose its size)).
    fn exact(&mut self) {
        let n = self.players.len();
        let place = |game: &mut Self, coalition: usize| {
            for bit in 0..n {
                if let Some(player) = game.players.get(bit).copied() {
                    game.set(player, if coalition >> bit & 1 == 1 { player.to } else { player.from });
                }
            }
        };
        let mut means = Vec::with_capacity(1 << n);
        for coalition in 0..1usize << n {
            place(self, coalition);
            means.push(self.mean());
        }
        let mut weights = Vec::with_capacity(n);
        let mut choose = 1.0;
        for size in 0..n {
            weights.push(1.0 / (n as f64 * choose));
            choose *= (n - 1 - size) as f64 / (size + 1) as f64;
        }
        for (bit, player) in self.players.clone().into_iter().enumerate() {
            for coalition in (0..1usize << n).filter(|coalition| coalition >> bit & 1 == 0) {
                let (Some(without), Some(with), Some(weight)) = (
                    means.get(coalition),
                    means.get(coalition | 1 << bit),
                    weights.get(coalition.count_ones() as usize),
                ) else {
                    continue;
                };
                if player.is_near {
                    place(self, coalition);
                }
                self.add(player, *weight, with - without);
            }
        }
    }

    /// Orders of a fixed seed, forwards and backwards: the same for everybody, and every walk ends at `to`.
    fn drawn(&mut self) {
        let mut order = self.players.clone();
        let mut state = 0;
        for _ in 0..PAIRS {
            for last in (1..order.len()).rev() {
                order.swap(last, below(&mut state, last + 1));
            }
            for _ in 0..2 {
                for player in order.clone() {
                    self.set(player, player.from);
                }
                let mut before = self.mean();
                for player in order.iter().copied() {
                    self.set(player, player.to);
                    let with = self.mean();
                    self.add(player, 0.5 / PAIRS as f64, with - before);
                    before = with;
                }
                order.reverse();
            }
        }
    }

    fn finish(mut self) -> Vec<Share> {
        for player in &self.players {
            let (Some(child), Some(share)) = (self.children.get(player.at), self.shares.get_mut(player.at))
            else {
                continue;
            };
            let moved = child.to - child.from;
            if !player.is_near {
                share.slope = share.points / moved;
            } else if child.from < player.from || child.to < player.to {
                // What happens below the floor moves nothing.
                share.slope *= if moved == 0.0 { 0.0 } else { (player.to - player.from) / moved };
            }
        }
        self.shares
    }
}

/// A whole number below `bound`, by splitmix64.
fn below(state: &mut u64, bound: usize) -> usize {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^= z >> 31;
    // The upper half of the product: no division, and a bias below bound/2⁶⁴.
    let upper = (u128::from(z) * bound as u128) >> 64;
    usize::try_from(upper).unwrap_or(0)
}
