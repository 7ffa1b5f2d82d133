namespace SoftSwitch.Linux;

/// <summary>
/// Where one thread works for many parties (ports, networks, requests, forwards), each of them has its turn behind one of these: what goes
/// wrong in it is told, and the others have theirs. Whoever is told also does what follows for that party, such as closing its port.
/// </summary>
public static class Bulkhead
{
    /// <summary>One party's turn.</summary>
    /// <param name="turn">What is done for it.</param>
    /// <param name="failed">Told what that threw.</param>
    /// <returns>False: it threw.</returns>
    public static bool Run(Action turn, Action<Exception> failed)
    {
        try
        {
            turn();
            return true;
        }
        catch (Exception e)
        {
            Tell(failed, e);
            return false;
        }
    }

    /// <summary>A turn of each of several.</summary>
    /// <param name="parties">Whose turns they are.</param>
    /// <param name="turn">What is done for one.</param>
    /// <param name="failed">Told for whom that threw, and what.</param>
    public static void Each<T>(IEnumerable<T> parties, Action<T> turn, Action<T, Exception> failed)
    {
        foreach (var party in parties)
        {
            try
            {
                turn(party);
            }
            catch (Exception e)
            {
                Tell(told => failed(party, told), e);
            }
        }
    }

    /// <summary>Whoever can't even be told stops nobody either.</summary>
    private static void Tell(Action<Exception> failed, Exception e)
    {
        try
        {
            failed(e);
        }
        catch (Exception)
        {
            // There is nobody left to tell.
        }
    }
}
