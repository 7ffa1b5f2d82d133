using SoftSwitch.Config.Yaml;

namespace SoftSwitch.Config.Checks;

/// <summary>Finds what must be unique and stands twice; a key is seen at the place where the file first says it.</summary>
internal sealed class FirstSeen<T>(MistakeList mistakes) where T : notnull
{
    private readonly Dictionary<T, Position> _seen = [];

    /// <summary>How many there are, those that stand twice counted once.</summary>
    public int Count => _seen.Count;

    /// <param name="message">Gets the place of the first.</param>
    public void Add(T key, Position at, Func<Position, string> message)
    {
        if (!_seen.TryAdd(key, at))
            mistakes.Add(at, message(_seen[key]));
    }
}
