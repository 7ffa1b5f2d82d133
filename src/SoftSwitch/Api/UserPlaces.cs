namespace SoftSwitch.Api;

/// <summary>
/// So many places for something that users can use up. One user may have fewer than there are in all, and root is counted by itself. Who
/// comes when none is left for him has that of his own oldest; who has few when none is left at all, that of the oldest of whoever has the
/// most. So nobody keeps others out, not even himself. Any thread.
/// </summary>
/// <param name="ofAll">Of all users but root, and of root.</param>
/// <param name="ofOne">Of one user who isn't root.</param>
internal sealed class UserPlaces(int ofAll, int ofOne)
{
    private readonly Lock _lock = new();

    /// <summary>The oldest first.</summary>
    private readonly List<UserPlace> _taken = [];
    private int _leaving;

    /// <summary>As many as there are places had to give way and aren't over yet.</summary>
    public bool IsCrowded => Volatile.Read(ref _leaving) >= ofAll;

    /// <summary>A place for a user, given back by disposing of it; null: there is none.</summary>
    /// <param name="user">Who.</param>
    /// <param name="giveWay">Ends what has the place, should it have to give way.</param>
    /// <param name="now">This moment, in milliseconds.</param>
    /// <param name="hold">For so many milliseconds nobody has to give way.</param>
    public UserPlace? Take(uint user, Action giveWay, long now, int hold = 0)
    {
        var place = new UserPlace(this, user, now, giveWay);
        UserPlace? leaving;
        lock (_lock)
        {
            if (!HasRoom(user, out leaving))
            {
                if (leaving is null || now - leaving.Since < hold)
                    return null;
                _taken.Remove(leaving);
                _leaving++;
            }
            _taken.Add(place);
        }
        leaving?.GiveWay();
        return place;
    }

    internal void Return(UserPlace place)
    {
        lock (_lock)
        {
            if (!_taken.Remove(place))
                _leaving--;
        }
    }

    /// <param name="user">Who comes.</param>
    /// <param name="leaving">Where there is no room, what has to give way; null: nothing.</param>
    private bool HasRoom(uint user, out UserPlace? leaving)
    {
        leaving = null;
        var users = _taken.Where(other => (other.User == 0) == (user == 0)).CountBy(other => other.User).ToList();
        var own = users.Find(other => other.Key == user).Value;
        var isAtOwnLimit = own >= (user == 0 ? ofAll : ofOne);
        if (!isAtOwnLimit && users.Sum(other => other.Value) < ofAll)
            return true;
        var most = isAtOwnLimit ? new(user, own) : users.MaxBy(other => other.Value);
        // Else the two would take the place from each other for ever.
        if (isAtOwnLimit || most.Value > own + 1)
            leaving = _taken.Find(other => other.User == most.Key);
        return false;
    }
}
