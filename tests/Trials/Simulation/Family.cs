using Poolhouse.Core;
using Poolhouse.Core.Sessions;

namespace Poolhouse.Trials.Simulation;

/// <summary>A run that is not as it must be; the message says what, and by which seed it comes again.</summary>
sealed class WrongException(string message) : Exception(message);

/// <summary>
/// What must be true of one session, by what was asked and what was answered: the model. It knows nothing of how the server does it but the form
/// of a refresh token, which tells its generation.
/// </summary>
sealed class Family(string sub, Agenda agenda)
{
    // Clocks of nodes are off by less.
    const double SlackMs = 200;
    const double GraceMs = 1000.0 * Realm.GraceSeconds;

    readonly List<string> tokens = [];
    readonly List<double> ackedAt = [];
    readonly List<Attempt> attempts = [];

    public string Id { get; private set; } = "";

    public string Sub { get; } = sub;

    /// <summary>The newest access token that was answered.</summary>
    public string Access { get; private set; } = "";

    public double AccessEndsAt { get; private set; }

    /// <summary>When somebody first asked for its end, or did what may end it.</summary>
    public double? EndAskedAt { get; private set; }

    /// <summary>When its end was answered.</summary>
    public double? EndedAt { get; private set; }

    /// <summary>Whether an older copy of the store was put back: it cannot be refreshed any more.</summary>
    public bool Retired { get; private set; }

    /// <summary>Whether its end is not in the store any more since an older copy was put back.</summary>
    public bool Forgotten { get; private set; }

    public int Top => tokens.Count - 1;

    public string Token(int generation) => tokens[generation];

    public void Born(TokenSet first)
    {
        RefreshTokens.TryRead(first.RefreshToken, out var read);
        Id = read.Family;
        Take(first, 0);
    }

    public void AskEnd() => EndAskedAt ??= agenda.Ms;

    public void End()
    {
        AskEnd();
        EndedAt ??= agenda.Ms;
    }

    public void Retire(double copiedAt)
    {
        Retired = true;
        if (EndAskedAt is not null && !(EndedAt <= copiedAt)) Forgotten = true;
    }

    public Attempt Present(int generation)
    {
        var attempt = new Attempt(generation, agenda.Ms, Top, EndedAt is not null, Retired, Late: generation < Top && agenda.Ms > ackedAt[generation + 1] + GraceMs + SlackMs);
        attempts.Add(attempt);
        return attempt;
    }

    /// <summary>Holds the answer to a refresh against everything that was answered before it was asked.</summary>
    public void Judge(Attempt attempt, Reply reply)
    {
        if (reply.Tokens is { } set)
        {
            if (attempt.Ended) throw new WrongException($"{Id} was refreshed after its end had been answered");
            if (attempt.Retired) throw new WrongException($"{Id} was refreshed after an older copy of the store was put back");
            if (attempt.Top >= attempt.Generation + 2) throw new WrongException($"{Id}: generation {attempt.Generation} was redeemed when {attempt.Top} had been answered");
            if (attempt.Late) throw new WrongException($"{Id}: generation {attempt.Generation} was redeemed after its grace");
            Take(set, attempt.Generation + 1);
        }
        else if (reply.Refused is { } reason)
        {
            if (!Explains()) throw new WrongException($"{Id}: generation {attempt.Generation} was refused ({reason}), and nobody had asked for an end");
            if (reason == Refusal.RefreshTokenReused) End();
        }
    }

    // What may be taken for reuse: a token that was still under way when its successor was presented, or when its grace was over.
    bool Explains()
    {
        if (EndAskedAt is null && !Retired && attempts.Any(MayBeReuse)) AskEnd();
        return EndAskedAt is not null || Retired;
    }

    bool MayBeReuse(Attempt one)
    {
        var over = one.OverAt ?? agenda.Ms;
        return attempts.Any(other => other.Generation > one.Generation ? other.AskedAt < over : other.Generation == one.Generation && over > other.AskedAt + GraceMs - SlackMs);
    }

    /// <summary>Whether something may have ended it that nobody has answered.</summary>
    public bool InDoubt => Explains();

    void Take(TokenSet set, int generation)
    {
        if (!RefreshTokens.TryRead(set.RefreshToken, out var read) || read.Generation != generation || read.Family != Id)
            throw new WrongException($"{Id}: the successor of generation {generation - 1} is of another generation or session");
        if (generation < tokens.Count)
        {
            if (tokens[generation] != set.RefreshToken) throw new WrongException($"{Id}: two successors of generation {generation - 1}");
        }
        else
        {
            tokens.Add(set.RefreshToken!);
            ackedAt.Add(agenda.Ms);
        }
        if (set.AccessToken.Length == 0) return;
        Access = set.AccessToken;
        AccessEndsAt = agenda.Ms + Realm.AccessLife.TotalMilliseconds;
    }
}

/// <summary>One presentation of a refresh token, and what was known when it was made.</summary>
sealed record Attempt(int Generation, double AskedAt, int Top, bool Ended, bool Retired, bool Late)
{
    /// <summary>When every copy of the request had been dealt with, as far as anybody knows.</summary>
    public double? OverAt { get; set; }
}
