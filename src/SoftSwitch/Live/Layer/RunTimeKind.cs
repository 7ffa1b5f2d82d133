namespace SoftSwitch.Live.Layer;

/// <summary>What was done at run time to a network, a port or a forward.</summary>
internal enum RunTimeKind
{
    /// <summary>It was made; the file has none of the name.</summary>
    Added,

    /// <summary>Another stands in place of the file's.</summary>
    Replaced,

    /// <summary>Keys of the file's were set.</summary>
    Changed,

    /// <summary>The file's is left out.</summary>
    Removed,
}
