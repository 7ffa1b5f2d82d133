namespace SoftSwitch.Config.Rows;

/// <summary>What the value of a key looks like.</summary>
internal enum RowShape
{
    /// <summary>One scalar.</summary>
    Scalar,

    /// <summary>A list of scalars.</summary>
    Scalars,

    /// <summary>A map of keys.</summary>
    Map,

    /// <summary>A map of keys, or the word <c>off</c>.</summary>
    MapOrOff,

    /// <summary>A list of maps of keys.</summary>
    Maps,

    /// <summary>A map of names that the user gives, each with a map of keys.</summary>
    Names,

    /// <summary>A map of names that the user gives, each with a scalar.</summary>
    Pairs,
}
