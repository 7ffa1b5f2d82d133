namespace SoftSwitch.Forwarding.Budgets;

/// <summary>Who gives way where there is no more. It is never somebody who has less.</summary>
public enum AtLimit
{
    /// <summary>What comes is refused.</summary>
    IsRefused,

    /// <summary>What comes is refused; the last are for who has few (<see cref="SharedPlaces"/>).</summary>
    LastAreForFew,

    /// <summary>What comes waits until there is.</summary>
    Waits,

    /// <summary>What comes is lost: all of it is asked for anew.</summary>
    IsAskedAnew,

    /// <summary>Who is at it gives up the oldest of his own.</summary>
    GivesUpOwnOldest,

    /// <summary>Who has the most gives up the oldest of his own.</summary>
    MostGivesUpOldest,

    /// <summary>Who has the most gives up what is worth least of his own; what still works only for somebody else.</summary>
    MostGivesUpLeast,
}
